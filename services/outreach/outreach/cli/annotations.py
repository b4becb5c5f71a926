"""Findings as workflow commands, which GitHub shows at their line in a pull request."""

from pathlib import Path

_IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_MESSAGE = str.maketrans(_IN_MESSAGES)
_PROPERTY = str.maketrans(_IN_MESSAGES | {":": "%3A", ",": "%2C"})


def annotation(severity: str, message: str, **properties: str | int | Path) -> str:
    """One command; whatever the texts hold, it stays one line and its properties stay apart (GitHub's toolkit, `command.ts`)."""
    named = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{severity} {named}::{message.translate(_MESSAGE)}"
