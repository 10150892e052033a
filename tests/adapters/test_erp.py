"""Whatever the other end does, whoever asks is told in time, and nothing of it is believed that cannot be."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal.adapters.erp import Standalone, connect
from portal.adapters.erp.http import LARGEST_ANSWER, HttpErp
from portal.domain.credit import Heard
from portal.settings import Settings

GOOD = {"account": "A", "currency": "GBP", "credit_limit": "500.00", "invoiced_unpaid": "12.345"}
Behave = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(behave: Behave) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await behave(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n".encode()
        + body
    )


def says(*accounts: object) -> bytes:
    return http(json.dumps({"accounts": accounts}).encode())


async def ask(behave: Behave, *accounts: str) -> Heard:
    async with serving(behave) as url:
        erp = HttpErp(url, "token", in_all=0.3)
        began = time.monotonic()
        heard = await erp.ask(accounts or ("A",))
        assert time.monotonic() - began < 1
        await erp.close()
    return heard


def plain(answer: bytes) -> Behave:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return behave


async def test_a_good_answer_is_read() -> None:
    heard = await ask(plain(says(GOOD | {"as_of": "2026-11-18T09:00:00Z", "extra": 1})), "A", "B")
    told = heard.figures["A"]
    assert (told.limit, told.invoiced_unpaid, told.hold) == (Decimal("500.00"), Decimal("12.345"), False)
    assert told.as_of == datetime(2026, 11, 18, 9, tzinfo=UTC)
    assert heard.of("B") == "unknown_account"
    assert heard.of("C") == "not_asked"


@pytest.mark.parametrize(
    "wrong",
    [
        {"credit_limit": "NaN"},
        {"credit_limit": "Infinity"},
        {"credit_limit": 500},
        {"credit_limit": 499.99},
        {"credit_limit": ""},
        {"credit_limit": "1e400"},
        {"credit_limit": "1" * 40},
        {"invoiced_unpaid": "0.00001"},
        {"invoiced_unpaid": None},
        {"credit_hold": "no"},
        {"as_of": "2026-11-18T09:00:00"},
        {"as_of": "yesterday"},
        {"account": None},
    ],
    ids=str,
)
async def test_an_answer_with_anything_odd_is_unreadable(wrong: dict[str, object]) -> None:
    heard = await ask(plain(says(GOOD | wrong)))
    assert (heard.figures, heard.of("A")) == ({}, "unreadable")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (http(b"<html>"), "unreadable"),
        (http(b""), "unreadable"),
        (http(b"[]"), "unreadable"),
        (http(b'{"accounts": "none"}'), "unreadable"),
        (http(b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "unreadable"),
        (says(GOOD, GOOD | {"credit_limit": "999999.00"}), "unreadable"),
        (http(b" " * (LARGEST_ANSWER + 1)), "unreadable"),
        (http(b"{}", "500 Oh"), "failed"),
        (http(b"{}", "401 No"), "failed"),
        (http(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"), "failed"),
        (b"SSH-2.0-OpenSSH\r\n", "unreachable"),
        (b"", "unreachable"),
        (says(GOOD, GOOD | {"account": "B"}), "other_account"),
    ],
)
async def test_any_other_answer_is_a_problem_with_a_name(answer: bytes, problem: str) -> None:
    heard = await ask(plain(answer))
    assert (heard.figures, heard.of("A")) == ({}, problem)


async def test_time_is_counted_to_the_last_byte() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(http(b" " * 100)[:-100])
        for _ in range(100):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    assert (await ask(drip)).of("A") == "timeout"


async def test_nobody_there_is_a_problem_too() -> None:
    erp = HttpErp("http://127.0.0.1:9", "token", in_all=0.3)
    assert (await erp.ask(["A"])).of("A") == "unreachable"
    await erp.close()


async def test_standing_alone_answers_at_once(settings: Settings) -> None:
    erp = connect(settings)
    assert isinstance(erp, Standalone)
    assert (await erp.ask(["A"])).of("A") == "not_asked"
    await erp.close()
