"""`python -m tests.faults.wrong_clock MINUTES`: a worker on a machine whose own clock is wrong by so much."""

import sys
from datetime import datetime, timedelta, tzinfo

from portal import clock
from portal.__main__ import main

BY = timedelta(minutes=int(sys.argv[1]))


class Wrong(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + BY


clock.datetime = Wrong  # type: ignore[misc]
sys.exit(main(["worker"]))
