"""From a provider's word for a bounce to whose fault it was: the mail server's own status says more, where it was passed on."""

from typing import Any

from feedback.returned.faults import Fault, fault_of, reason_for, status_in
from feedback.returned.news import Bounced


def bounced(command_id: str, otherwise: Fault, *said: Any, at_worst: Fault | None = None) -> Bounced:
    """A bounce by the first status code in what was said, else `otherwise`. `at_worst` replaces a hard fault, for what the provider calls passing."""
    words = " ".join(str(each) for each in said if each)[:2000]
    status = status_in(words)
    fault = fault_of(status, words) if status.tells else otherwise
    if fault is Fault.HARD and at_worst:
        fault = at_worst
    return Bounced(command_id, fault, reason_for(status, fault))
