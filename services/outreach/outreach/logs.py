"""Logs: one JSON object a line on standard output; nothing personal is ever handed to them."""

import logging
import sys
from typing import Any

import structlog


def write_json_logs(level: str) -> None:
    """Lets the standard library's logging, ours and the libraries', write JSON; `level` is debug, info, warning or error."""
    stamps: list[Any] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=stamps))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
