"""The audit chain: what an entry is, how it is hashed, and how one that was changed is found.

An entry's hash is the SHA-256 of the hash before it followed by the entry's body as UTF-8. The body is canonical JSON
(names sorted, no spaces, decimals as strings) and says everything that the entry's columns say, so that none of them
can be changed alone. An account's first entry follows the empty hash.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

NO_HASH = b""
# What a body says beside the snapshot, in the columns' words.
NAMED = ("account", "action", "actor", "sequence", "subject")


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be entered: the snapshot is canonical JSON already, as things stood when it was said."""

    account: str
    action: str
    subject: str
    snapshot: str

    @classmethod
    def of(cls, account: str, action: str, subject: str, snapshot: Mapping[str, Any]) -> "Said":
        """The snapshot as it is now; what becomes of it later changes nothing."""
        return cls(account, action, subject, canonical(snapshot))


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of an account's chain, as it stands in the books."""

    account: str
    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    body: str
    previous_hash: bytes
    hash: bytes

    @property
    def snapshot(self) -> Any:
        """What was decided on."""
        return json.loads(self.body)["snapshot"]


@dataclass(frozen=True, slots=True)
class Head:
    """Where an account's chain ends."""

    account: str
    sequence: int
    hash: bytes


def follow(head: Head, said: Said, at: datetime, actor: str) -> Entry:
    """The entry that comes after the head."""
    sequence = head.sequence + 1
    body = canonical(
        {
            "account": said.account,
            "action": said.action,
            "actor": actor,
            "at": _instant(at),
            "sequence": sequence,
            "snapshot": json.loads(said.snapshot),
            "subject": said.subject,
        }
    )
    return Entry(
        said.account,
        sequence,
        at,
        actor,
        said.action,
        said.subject,
        body,
        head.hash,
        hash_of(head.hash, body),
    )


def hash_of(previous: bytes, body: str) -> bytes:
    return sha256(previous + body.encode()).digest()


def canonical(value: object) -> str:
    """The one way to write a value as JSON."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    )


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case set() | frozenset():
            return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"no canonical JSON for {type(value).__name__}")


class Walk:
    """Goes along one account's chain, entry by entry from its first, and keeps a sentence for everything that is not as
    it was written."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.last = 0
        self.found: list[str] = []
        self._previous = NO_HASH

    def read(self, entry: Entry) -> None:
        """The next entry that is there."""
        name = f"entry {entry.sequence} of {self.account}"
        if entry.sequence != self.last + 1:
            self.found.append(_missing(self.account, self.last + 1, entry.sequence - 1))
        elif entry.previous_hash != self._previous:
            self.found.append(f"{name} does not follow the entry before it")
        if hash_of(entry.previous_hash, entry.body) != entry.hash:
            self.found.append(f"{name} is not what was hashed: its body or its hash was changed")
        elif changed := _changed(entry):
            self.found.append(f"{name} was changed beside its body: {', '.join(changed)}")
        self.last, self._previous = entry.sequence, entry.hash

    def end(self, head: Head | None) -> list[str]:
        """No more entries are there; answers what was found."""
        if head is None:
            return [*self.found, f"the end of {self.account}'s chain is gone"] if self.last else self.found
        if head.sequence > self.last:
            self.found.append(_missing(self.account, self.last + 1, head.sequence))
        elif head.sequence < self.last or head.hash != self._previous:
            self.found.append(f"the chain of {self.account} does not end where its head says")
        return self.found


def _changed(entry: Entry) -> list[str]:
    """Columns that say something else than the body that was hashed."""
    told = json.loads(entry.body)
    changed = [name for name in NAMED if told.get(name) != getattr(entry, name)]
    return changed if told.get("at") == _instant(entry.at) else [*changed, "at"]


def _missing(account: str, first: int, last: int) -> str:
    if last < first:
        return f"entry {last} of {account} is there twice"
    named = f"entry {first}" if first == last else f"entries {first} to {last}"
    return f"{named} of {account} went missing"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
