"""Logs for operators: JSON, a line each, and no personal data."""

from __future__ import annotations

import logging
import sys

import structlog


def configure() -> None:
    """Send structured logs to standard error. Repeatable."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def be_quiet_about_migrations() -> None:
    """Alembic tells of every look at the database; only `flask db` wants to hear it."""
    logging.getLogger("alembic").setLevel(logging.WARNING)


def tell_of_migrations() -> None:
    """For `flask db`: a line for each step, on standard error."""
    logging.getLogger("alembic").setLevel(logging.INFO)
