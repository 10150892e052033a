"""Logs: one JSON object a line, so that nothing a stranger wrote can look like a line of ours.

Modules log through `logging.getLogger(__name__)`; what `structlog.contextvars.bind_contextvars` was given (request,
actor, account, ...) is added to each line. Tracebacks hold no values of variables: those may be secrets.
"""

import logging

import structlog

# They tell of each step or message; what goes wrong they say louder.
TALKATIVE = ("alembic", "arq", "mail.log", "uvicorn.access", "fontTools", "weasyprint", "httpx", "httpcore")


def configure(level: str, *, readable: bool = False) -> None:
    """Write to standard error from `level` ("info", ...) on; `readable` is for a person at a terminal."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s") if readable else _json()
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _json() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
