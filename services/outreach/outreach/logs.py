"""Logs: one JSON object a line on standard output; nothing personal is ever handed to them."""

import logging
import sys
from typing import Any, TypeVar

import structlog
from care_contracts.clock import clock_from
from care_contracts.settings import CareSettings

Told = TypeVar("Told", bound=CareSettings)
log = logging.getLogger("outreach")


def begin_logs(settings: Told) -> Told:
    """Logs as agreed from now on; a scaled clock is announced loudly. Gives the settings back."""
    write_json_logs(settings.log_level)
    if not clock_from(settings.clock).is_real:
        log.warning("time is scaled: this is not a production system: %s", settings.clock)
    return settings


def write_json_logs(level: str) -> None:
    """Lets the standard library's logging, ours and the libraries', write JSON; `level` is debug, info, warning or error."""
    stamps: list[Any] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=stamps))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
