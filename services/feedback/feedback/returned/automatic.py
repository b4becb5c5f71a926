"""Whether a message was written by a machine (RFC 3834): whoever answers those, or counts them as a customer's words, is wrong."""

from feedback.returned.mail import Mail

_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress", "X-Autoreply-From", "List-Id", "Feedback-ID")
_PRECEDENCE = {"auto_reply", "auto-reply", "bulk", "junk", "list"}
_SUBJECTS = ("automatic reply:", "automatische antwort:", "auto:", "autoreply:", "auto-reply:", "out of office", "out of the office", "abwesenheit")


def is_automatic(mail: Mail, sender: str | None) -> bool:
    """By the null sender, and by what the message says of itself; the last resort is how its subject begins."""
    if sender == "" or mail.value("Return-Path") == "<>":
        return True
    said = mail.value("Auto-Submitted").lower().partition(";")[0].strip()
    if said and said != "no":
        return True
    if mail.value("Precedence").lower() in _PRECEDENCE or any(mail.value(name) for name in _HEADERS):
        return True
    return mail.value("Subject").lower().startswith(_SUBJECTS)
