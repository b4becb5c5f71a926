"""From the files that care teams write to a playbook value: reading, checking with exact places, and running the examples."""
