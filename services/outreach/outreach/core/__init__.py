"""The pure heart: given a customer, a happening, a playbook and the time, what shall be done; no I/O, no clock."""
