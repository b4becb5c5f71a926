"""The `care` command: what care teams and operators ask of a playbook and of a running system."""
