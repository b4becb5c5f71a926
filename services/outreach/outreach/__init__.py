"""From events to decisions to messages: who is written to, when, and why not."""
