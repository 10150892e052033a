"""The network between a browser and the portal, as something that a test can cut and mend."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

CHUNK = 65536


class Wire:
    """A port that leads to the portal. Cut, it drops every connection and takes no new one."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self.target = (address.hostname or "127.0.0.1", address.port or 80)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_cut = False
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for one in list(self._open):
            self._close(one)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener is closed: the end
            while True:
                near, _ = self.listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(self.target)
                self._open |= {near, far}
                for source, drain in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, drain), daemon=True).start()

    def _carry(self, source: socket.socket, drain: socket.socket) -> None:
        with contextlib.suppress(OSError):  # either side is gone: so is the connection
            while data := source.recv(CHUNK):
                drain.sendall(data)
        self._close(source)
        self._close(drain)

    def _close(self, one: socket.socket) -> None:
        self._open.discard(one)
        with contextlib.suppress(OSError):  # closed already
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextlib.contextmanager
def wire(target: str) -> Iterator[Wire]:
    made = Wire(target)
    try:
        yield made
    finally:
        made.close()
