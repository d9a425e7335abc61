"""Structured logs: one line an event, JSON unless a person is watching."""

import logging
import sys
from typing import Literal

import structlog


def configure(form: Literal["auto", "console", "json"]) -> None:
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    )
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it tells, the adapter says
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever that is then
    )
