"""Bounces of mail systems that follow no standard: flufl.bounce, which Mailman has fed for twenty years, knows their words."""

import logging
from enum import Enum

from flufl.bounce import all_failures

from feedback.returned.mail import Mail

log = logging.getLogger(__name__)


class Heard(Enum):
    """What the words come to."""

    FAILED = 1
    DELAYED = 2
    NOTHING = 3


def heard(mail: Mail) -> Heard:
    """Whom they speak of is of no interest: a letter has one recipient."""
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it would log what it stumbles over, which may be an address
    try:
        temporary, permanent = all_failures(mail.message)
    except Exception as error:  # noqa: BLE001 - two dozen parsers of what anybody may send: what one of them stumbles over is no bounce
        log.warning("an odd format could not be read: %s", type(error).__name__)
        return Heard.NOTHING
    return Heard.FAILED if permanent else Heard.DELAYED if temporary else Heard.NOTHING
