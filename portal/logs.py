"""Logs: one JSON object a line, so that nothing a stranger wrote can look like a line of ours.

Modules log through `logging.getLogger(__name__)`; what `structlog.contextvars.bind_contextvars` was given (request,
actor, account, ...) is added to each line. Tracebacks hold no values of variables: those may be secrets.
"""

import json
import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# They tell of each step or message; what goes wrong they say louder.
TALKATIVE = ("alembic", "arq", "mail.log", "uvicorn.access", "fontTools", "weasyprint", "httpx", "httpcore")

# What JSON leaves as it is and a terminal, or a program that cuts a file into lines, does not: other line ends, codes
# that move the cursor, letters that turn the direction of the text, halves of letters.
UNSEEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def configure(level: str, *, readable: bool = False) -> None:
    """Write to standard error from `level` ("info", ...) on; `readable` is for a person at a terminal."""
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=False) if readable else _json))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_added(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _added() -> list[Any]:
    """What every line has, whoever wrote it."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(renderer: Any) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_added(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )


def _json(_: Any, __: str, line: MutableMapping[str, Any]) -> str:
    text = json.dumps(line, ensure_ascii=False, default=repr)
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
