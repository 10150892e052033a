"""Bytes on a connection, as no client library would send them."""

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

LIMIT = 30


@dataclass
class Line:
    """One connection."""

    socket: socket.socket

    def send(self, raw: bytes) -> bool:
        """Whether the other side still takes it."""
        try:
            self.socket.sendall(raw)
        except OSError:
            return False
        return True

    def read(self, until: float = LIMIT) -> bytes:
        """All that comes until the other side closes, or for so many seconds."""
        ends, found = time.monotonic() + until, b""
        while (left := ends - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                part = self.socket.recv(65536)
            except (TimeoutError, ConnectionResetError):
                break
            if not part:
                break
            found += part
        return found

    def answer(self, until: float = LIMIT) -> bytes:
        """One answer with a length, without waiting for the end of the connection."""
        ends, found = time.monotonic() + until, b""
        while (left := ends - time.monotonic()) > 0 and not _is_whole(found):
            self.socket.settimeout(left)
            part = self.socket.recv(65536)
            if not part:
                break
            found += part
        return found

    def is_closed(self, until: float = LIMIT) -> bool:
        """Whether the other side closes within this time."""
        self.socket.settimeout(until)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


def _is_whole(raw: bytes) -> bool:
    head, end, body = raw.partition(b"\r\n\r\n")
    if not end:
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and len(body) >= int(lengths[0].partition(b":")[2])


@contextlib.contextmanager
def line(port: int) -> Iterator[Line]:
    with socket.create_connection(("127.0.0.1", port), LIMIT) as made:
        yield Line(made)


def status(answer: bytes) -> int:
    """0 when nothing was answered."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
