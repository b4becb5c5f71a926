"""What mail servers and sudden deaths do to a courier: a scripted mail server, a table of its faults, and kills inside the crash window."""
