"""What comes over a connection before the application is asked: too much, too slowly, or to be read in two ways."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from portal import wire
from tests.hardening.wire import Line, line, status

SOON = {"HEAD_SECONDS": 0.6, "BODY_SECONDS": 0.6, "LINGER_SECONDS": 0.6, "WRITE_SECONDS": 0.6}
MUCH = 40_000_000


class Echo:
    """Answers what it was asked and how much came with it; `/much` is more than a connection holds."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, int | None]] = []
        self.written = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        size: int | None = 0
        if scope["path"] != "/unread":
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    self.heard.append((scope["method"], scope["path"], None))
                    return
                size, more = (size or 0) + len(message["body"]), message["more_body"]
        self.heard.append((scope["method"], scope["path"], size))
        if scope["path"] == "/much":
            await self.much(send)
            return
        body = f"{scope['path']} {size}".encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def much(self, send: Any) -> None:
        headers = [(b"content-length", str(MUCH).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(MUCH // 100_000):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            self.written += 100_000
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Echo, int]]:
    """A server with the portal's connections, patient for a moment only."""
    for name, seconds in SOON.items():
        monkeypatch.setattr(wire, name, seconds)
    app = Echo()
    config = uvicorn.Config(app, http=wire.Wire, log_config=None, lifespan="off", timeout_keep_alive=2)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield app, listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def ask(port: int, raw: bytes, until: float = 10) -> tuple[int, bytes]:
    with line(port) as found:
        found.send(raw)
        answer = found.read(until)
    return status(answer), answer


def request(*headers: str, method: str = "GET", path: str = "/", body: bytes = b"") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *headers, "", ""]).encode("latin-1") + body


def test_what_is_well_made_is_answered_and_the_connection_stays(echo: tuple[Echo, int]) -> None:
    app, port = echo
    with line(port) as found:
        for _ in range(3):
            found.send(request("Content-Length: 3", method="POST", body=b"abc"))
            assert found.answer().endswith(b"/ 3")
        # Head and body in one piece that is larger than any head.
        found.send(request("Content-Length: 90000", method="POST", body=b"a" * 90_000))
        assert found.answer().endswith(b"/ 90000")
        # And in pieces, of which the last brings more than a head and the end.
        found.send(request("Content-Length: 90000", method="POST"))
        time.sleep(0.2)
        found.send(b"a" * 90_000)
        assert found.answer().endswith(b"/ 90000")
        found.send(request("Transfer-Encoding: chunked", method="POST", body=b"2\r\nab\r\n0\r\n\r\n"))
        assert found.answer().endswith(b"/ 2")
    assert [size for *_, size in app.heard] == [3, 3, 3, 90_000, 90_000, 2]


@pytest.mark.parametrize(
    "raw",
    [
        request("Content-Length: 4", "Transfer-Encoding: chunked", method="POST", body=b"0\r\n\r\n"),
        request("Transfer-Encoding: chunked", "Content-Length: 4", method="POST", body=b"0\r\n\r\n"),
        request("Content-Length: 4", "Content-Length: 5", method="POST", body=b"abcde"),
        request("Content-Length: 4", "Content-Length: 4", method="POST", body=b"abcd"),
        request("Content-Length: 4, 4", method="POST", body=b"abcd"),
        request("Content-Length: +4", method="POST", body=b"abcd"),
        request("Content-Length: 0x4", method="POST", body=b"abcd"),
        request("Content-Length: -4", method="POST", body=b"abcd"),
        request("Content-Length: 4\x00", method="POST", body=b"abcd"),
        request("Content-Length : 4", method="POST", body=b"abcd"),
        request("Content-Length: 99999999999999999999999", method="POST", body=b"abcd"),
        request("Transfer-Encoding: xchunked", method="POST", body=b"0\r\n\r\n"),
        request("Transfer-Encoding: chunked, identity", method="POST", body=b"0\r\n\r\n"),
        request("Transfer-Encoding: gzip, chunked\x0b", method="POST", body=b"0\r\n\r\n"),
        request("Transfer-Encoding : chunked", method="POST", body=b"0\r\n\r\n"),
        request(
            "Transfer-Encoding: identity", "Transfer-Encoding: chunked", method="POST", body=b"0\r\n\r\n"
        ),
        request("Transfer-Encoding: chunked", method="POST", body=b"2;\x00\r\nab\r\n0\r\n\r\n"),
        request("Transfer-Encoding: chunked", method="POST", body=b"0x2\r\nab\r\n0\r\n\r\n"),
        request("Transfer-Encoding: chunked", method="POST", body=b"2\r\nabcd\r\n0\r\n\r\n"),
        request("Transfer-Encoding: chunked", method="POST", body=b"2\nab\n0\n\n"),
        request("Transfer-Encoding: chunked", method="POST", body=b"fffffffffffffffff\r\nab\r\n0\r\n\r\n"),
        b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\rHost: a\r\r",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX\x01: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a browser that speaks TLS",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(
    echo: tuple[Echo, int], raw: bytes
) -> None:
    app, port = echo
    code, answer = ask(port, raw + request(path="/smuggled"))
    assert code in {400, 0}, answer
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert "/smuggled" not in [path for _, path, _ in app.heard]
    if code:
        assert b"x-content-type-options: nosniff" in answer
        assert b"connection: close" in answer


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (request(*(f"X-{n}: 1" for n in range(200))), 431),
        (request(f"X: {'a' * 40_000}"), 431),
        (request(*(f"X-{n}: {'a' * 1000}" for n in range(40))), 431),
        (request(f"{'a' * 40_000}: 1"), 431),
        (request(path=f"/{'a' * 9000}"), 414),
        (request(f"Cookie: {'a' * 7000}", path=f"/{'a' * 7000}"), 200),
    ],
)
def test_a_head_has_a_size(echo: tuple[Echo, int], raw: bytes, expected: int) -> None:
    assert ask(echo[1], raw)[0] == expected


def test_a_head_without_end_is_cut_off_before_it_fills_the_memory(echo: tuple[Echo, int]) -> None:
    with line(echo[1]) as found:
        found.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        sent = 0
        while found.send(b"a" * 10_000) and sent < 10_000_000:
            sent += 10_000
        assert sent < 10_000_000
    assert echo[0].heard == []


def trickle(found: Line, raw: bytes, pause: float = 0.1, most: float = 10) -> float:
    """Send byte after byte; after how many seconds the other side had enough."""
    began = time.monotonic()
    for place in range(len(raw)):
        found.send(raw[place : place + 1])
        if found.is_closed(pause) or time.monotonic() - began > most:
            break
    return time.monotonic() - began


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        request(*(f"X-{n}: 1" for n in range(50))),
        b"\r\n" * 100,
        request("Content-Length: 1000", method="POST") + b"a" * 5,
        request("Transfer-Encoding: chunked", method="POST") + b"1;" + b"x" * 1000,
    ],
    ids=["silent", "slow head", "empty lines", "body that stops", "chunk extension"],
)
def test_who_is_slow_loses_the_connection(echo: tuple[Echo, int], raw: bytes) -> None:
    head, end, rest = (
        raw.partition(b"\r\n\r\n") if b"Content" in raw or b"Transfer" in raw else (b"", b"", raw)
    )
    with line(echo[1]) as found:
        found.send(head + end)
        trickle(found, rest)
        assert found.is_closed(5)


def test_a_body_that_comes_steadily_is_waited_for(echo: tuple[Echo, int]) -> None:
    size = 200_000
    with line(echo[1]) as found:
        found.send(request(f"Content-Length: {size}", method="POST"))
        for _ in range(10):
            found.send(b"a" * (size // 10))
            time.sleep(0.15)
        assert found.answer().endswith(f"/ {size}".encode())


def test_a_slow_head_of_the_second_request_has_an_end_too(echo: tuple[Echo, int]) -> None:
    with line(echo[1]) as found:
        found.send(request())
        assert status(found.answer()) == 200
        found.send(b"GET / HT")
        answer = found.read(5)
        assert status(answer) == 408


def test_who_does_not_read_the_answer_is_let_go(echo: tuple[Echo, int]) -> None:
    app, port = echo
    with line(port) as found:
        found.send(request(path="/much"))
        until = time.monotonic() + 10
        before = -1
        while time.monotonic() < until and (app.written != before or not app.written):
            before = app.written
            time.sleep(1.5)
        assert len(found.read(5)) < MUCH


def test_who_goes_on_sending_after_the_answer_may_read_it_and_is_let_go(echo: tuple[Echo, int]) -> None:
    with line(echo[1]) as found:
        found.send(request("Content-Length: 100000000", method="POST", path="/unread"))
        assert found.answer().endswith(b"/unread 0")
        began = time.monotonic()
        while found.send(b"a" * 1000) and time.monotonic() - began < 10:
            time.sleep(0.02)
        assert time.monotonic() - began < 5


def test_many_slow_ones_do_not_keep_others_waiting(echo: tuple[Echo, int]) -> None:
    port = echo[1]
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    for one in lines:
        one.sendall(b"GET / HTTP/1.1\r\nX")
    began = time.monotonic()
    assert ask(port, request("Connection: close"))[0] == 200
    assert time.monotonic() - began < 5
    for one in lines:
        assert status(Line(one).read(10)) == 408
        one.close()
