"""The whole system on one machine without Docker: real service processes, an embedded broker, a mail catcher and real customers played back."""
