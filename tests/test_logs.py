import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from portal import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging is the process's: what a test sets up is taken back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_break_in_a_strangers_words_makes_no_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")

    logging.getLogger("portal.test").warning("refused %s", 'x\n{"level": "info", "event": "all is well"}')

    [line] = lines(capsys)
    assert line["event"].startswith("refused x\n")
    assert line["level"] == "warning"


def test_what_is_bound_to_the_request_is_on_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    structlog.contextvars.bind_contextvars(request="r-1", account="NORDWIND")

    logging.getLogger("portal.test").info("placed")

    [line] = lines(capsys)
    assert (line["request"], line["account"]) == ("r-1", "NORDWIND")


def test_a_traceback_shows_no_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    try:
        password = "hunter" + str(1 + 1)
        raise ValueError(len(password))
    except ValueError:
        logging.getLogger("portal.test").exception("failed")

    [line] = lines(capsys)
    assert "ValueError: 7" in line["exception"]
    assert "hunter2" not in line["exception"]
