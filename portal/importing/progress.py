"""Show how far long work has come: one line that moves on a terminal, a plain line now and then elsewhere."""

import sys
import time
from typing import Protocol, TextIO

WIDTH = 30
SECONDS_ON_A_TERMINAL = 0.1
SECONDS_ELSEWHERE = 5.0


class Progress(Protocol):
    """Told how much of a stage is done."""

    def __call__(self, stage: str, done: int, of: int) -> None: ...


def silent(stage: str, done: int, of: int) -> None:
    """Show nothing."""


class Bar:
    """Draws on a stream, by default the terminal's error stream, so that the output stays clean."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.moves = self.stream.isatty()
        self.stage = ""
        self.ended = False
        self.shown_at = 0.0
        self.drawn = 0

    def __call__(self, stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        begins = stage != self.stage
        ends = done >= of and (begins or not self.ended)
        pause = SECONDS_ON_A_TERMINAL if self.moves else SECONDS_ELSEWHERE
        if not (begins or ends) and now - self.shown_at < pause:
            return
        if begins and self.drawn:
            self.close()
        self.stage, self.ended, self.shown_at = stage, done >= of, now
        self._show(stage, min(done / of, 1.0) if of else 1.0)

    def close(self) -> None:
        """Leave the terminal's cursor on a line of its own."""
        if self.moves and self.drawn:
            self.stream.write("\n")
            self.stream.flush()
        self.drawn = 0

    def _show(self, stage: str, share: float) -> None:
        percent = f"{stage} {int(share * 100):3d} %"
        if self.moves:
            full = round(share * WIDTH)
            drawn = f"\r{stage:<22} [{'#' * full}{'.' * (WIDTH - full)}] {int(share * 100):3d} %"
            self.drawn = len(drawn)
            self.stream.write(drawn)
        else:
            self.stream.write(percent + "\n")
        self.stream.flush()
