"""The courier: commands become messages at most once, through a ledger, and what became of each comes back as an event."""
