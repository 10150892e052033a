"""What is told to other systems, and what their answers mean. Standard Webhooks 1.0.0."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from portal.domain.egress import is_address, is_loopback, is_public

# Octets of a body; the standard asks for less than 20 kB.
LARGEST = 20_000
LONGEST_URL = 2_000
# After the first attempt, the second, and so on: a little more than three days, as the standard proposes.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# Up to so much more or less, so that what failed together does not come back together.
JITTER = 0.1
LONGEST_RETRY_AFTER = timedelta(hours=24)
# What has not been tried yet waits no longer for a receiver that has too much to do.
LONGEST_HOLD = timedelta(minutes=1)
# Nothing has gone through for so long: it is not told any more until somebody says so.
GIVEN_UP_AFTER = timedelta(days=5)
# Names that no other machine answers to, whatever a resolver may make of them.
LOCAL_NAMES = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private")
ONLY_HTTPS = "Write an address that begins with https://."


def check_url(url: str, simulated: bool) -> str | None:
    """What is wrong with the address of an endpoint, as a sentence; None when nothing is.

    Its form only: where its name leads is looked at each time that something is sent. `simulated` is demo and test
    mode, where a receiver on this machine may be told, even without TLS.
    """
    # Any port will do: an address that is public is reached by everybody at any port, and TLS is spoken to it only.
    if (
        len(url) > LONGEST_URL
        or not url.isascii()
        or any(sign <= " " or sign in '\\"<>^`{|}' for sign in url)
    ):
        return "This is no web address: write it in ASCII, without spaces."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "This is no web address."
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        return "Write the address without a user, a password, or a part after #."
    is_here = is_loopback(host) or host == "localhost"
    if simulated and is_here and parts.scheme in {"http", "https"}:
        return None
    if parts.scheme != "https":
        return ONLY_HTTPS
    return _problem_of_host(host)


def _problem_of_host(host: str) -> str | None:
    if is_address(host):
        return None if is_public(host) else "This address cannot be reached from outside your network."
    labels = host.rstrip(".").split(".")
    if len(labels) < 2 or labels[-1] in LOCAL_NAMES:
        return "This name is known within your network only."
    # `127.1` and `0x7f.1` are addresses to some programs: no domain ends in a number.
    if not all(labels) or labels[-1][0].isdigit() or len(host) > 253 or max(map(len, labels)) > 63:
        return "This is no web address."
    return None


def webhook_id(delivery_id: int, event_id: int | None) -> str:
    """The same on each attempt and each replay: by it a receiver knows what it has already."""
    return f"test_{delivery_id}" if event_id is None else f"evt_{event_id}"


def body(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """`data` is the event as the feed tells it. What is too long is cut where it is longest, and says so."""
    whole = _encoded(kind, at, data)
    if len(whole) <= LARGEST:
        return whole
    inner = data.get("data")
    if isinstance(inner, Mapping):
        lists = [name for name, value in inner.items() if isinstance(value, list)]
        longest = max(lists, key=lambda name: len(_json(inner[name])), default=None)
        if longest is not None:
            cut = _cut(kind, at, data, longest)
            if cut is not None:
                return cut
    return _encoded(kind, at, {**data, "data": {"truncated": True}})


def _cut(kind: str, at: datetime, data: Mapping[str, Any], name: str) -> bytes | None:
    """The body with as much of that list as fits; None when something else is too long."""
    inner = data["data"]
    whole = inner[name]

    def with_first(many: int) -> bytes:
        told = {**inner, name: whole[:many], "truncated": True, f"{name}_total": len(whole)}
        return _encoded(kind, at, {**data, "data": told})

    fits, too_many = 0, len(whole)
    if len(with_first(0)) > LARGEST:
        return None
    while too_many - fits > 1:
        half = (fits + too_many) // 2
        if len(with_first(half)) <= LARGEST:
            fits = half
        else:
            too_many = half
    return with_first(fits)


def _encoded(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return _json({"type": kind, "timestamp": timestamp, "data": data})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# What is `dropped` was not tried: there is nothing to tell.
Verdict = Literal["delivered", "again", "dead", "gone", "dropped"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt. `status` None: nobody answered, and `problem` says what happened."""

    status: int | None
    problem: str | None = None
    duration_ms: int = 0
    # Where it went, after the name was resolved.
    address: str | None = None
    request_headers: Mapping[str, str] | None = None
    response_headers: Mapping[str, str] | None = None
    # As far as it was read.
    response_body: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the delivery. `hold` is how long nothing else shall begin, by the wish of whoever answered."""

    verdict: Verdict
    pause: timedelta = timedelta()
    hold: timedelta = timedelta()


def judge(answer: Answer, attempt: int, *, chance: float, now: datetime | None = None) -> Outcome:
    """`attempt` counts from 1, this one included; `chance` is a random number from 0 to 1."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Outcome("delivered")
    if answer.status == 410:
        return Outcome("gone")
    if attempt > len(PAUSES):
        return Outcome("dead")
    asked = retry_after(answer, now or datetime.now(UTC))
    pause = max(jittered(PAUSES[attempt - 1], chance), asked)
    hold = min(asked, LONGEST_HOLD) if answer.status in {429, 503} else timedelta()
    return Outcome("again", pause, hold)


def jittered(pause: timedelta, chance: float) -> timedelta:
    return pause * (1 + JITTER * (2 * chance - 1))


def retry_after(answer: Answer, now: datetime) -> timedelta:
    """How long whoever answered wants to be left alone: seconds, or a date by the clock that their machine shares with
    ours. At most a day; nothing when it cannot be read."""
    headers = answer.response_headers or {}
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        wanted = timedelta(seconds=min(int(value[:9]), 10**8))
    else:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return timedelta()
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        wanted = until - now
    return min(max(wanted, timedelta()), LONGEST_RETRY_AFTER)
