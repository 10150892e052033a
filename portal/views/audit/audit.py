"""The audit log on a page: entries as rows, one entry with all that it was decided on, and how the chain stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from portal.db.audit_trail import Listed
from portal.domain.audit import Entry, hash_of
from portal.filters import Tongue
from portal.views.audit.words import done, plain

PER_PAGE = 50
# Enough to tell two apart; the whole hash stands with the entry.
SHOWN_OF_A_HASH = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One entry among others."""

    href: str
    number: str
    account: str
    at: str
    who: str
    done: str
    subject: str
    subject_href: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A name of the snapshot with what stands there: a text, or more facts."""

    name: str
    text: str = ""
    parts: Sequence["Fact"] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry with everything in it. `is_intact`: it is what was hashed, and follows the one before it."""

    row: Row
    exactly: str
    facts: Sequence[Fact]
    body: str
    previous_hash: str
    hash: str
    is_intact: bool
    preceding: str | None
    following: str | None


def rows(found: Sequence[Listed], tongue: Tongue, today: date) -> list[Row]:
    return [row(one.entry, tongue, today) for one in found]


def row(entry: Entry, tongue: Tongue, today: date) -> Row:
    return Row(
        href=href(entry.account, entry.sequence),
        number=tongue.number(entry.sequence),
        account=entry.account,
        at=tongue.stamp(entry.at, today),
        who=entry.actor,
        done=done(entry.action, tongue),
        subject=entry.subject,
        subject_href=_leads_to(entry.subject),
        hash=entry.hash.hex()[:SHOWN_OF_A_HASH],
    )


def shown(entry: Entry, before: Entry | None, has_next: bool, tongue: Tongue, today: date) -> Shown:
    follows = entry.previous_hash == (before.hash if before else b"")
    return Shown(
        row=row(entry, tongue, today),
        exactly=entry.at.isoformat(),
        facts=_facts(entry.snapshot),
        body=entry.body,
        previous_hash=entry.previous_hash.hex(),
        hash=entry.hash.hex(),
        is_intact=follows and hash_of(entry.previous_hash, entry.body) == entry.hash,
        preceding=href(entry.account, entry.sequence - 1) if before else None,
        following=href(entry.account, entry.sequence + 1) if has_next else None,
    )


def href(account: str, sequence: int) -> str:
    return f"/audit/{quote(account, safe='')}/{sequence}"


def table(found: Sequence[Listed], tongue: Tongue) -> Iterator[list[str]]:
    """For a spreadsheet: with the body as it was hashed, so that whoever has the file can hash it again."""
    _ = tongue.gettext
    yield [
        _("Account"), _("No."), _("When"), _("Who"), _("What"), _("Of what"), _("Body"), _("Previous hash"), _("Hash"),
    ]  # fmt: skip
    for one in found:
        entry = one.entry
        yield [
            entry.account, str(entry.sequence), entry.at.isoformat(), entry.actor, entry.action, entry.subject,
            entry.body, entry.previous_hash.hex(), entry.hash.hex(),
        ]  # fmt: skip


def standing(broken: Sequence[str], entries: int, tongue: Tongue) -> str:
    """How the chain stands, in a sentence."""
    if broken:
        found = tongue.ngettext(
            "{n} thing is not as it was written:", "{n} things are not as they were written:", len(broken)
        )
        return found.format(n=tongue.number(len(broken)))
    return tongue.ngettext(
        "Checked: {n} entry is as it was written.",
        "Checked: {n} entries are as they were written, each follows the one before it.",
        entries,
    ).format(n=tongue.number(entries))


def _leads_to(subject: str) -> str | None:
    if subject.startswith("AP-"):
        return f"/approvals/{subject}"
    return f"/orders/{subject}" if subject.startswith("SO-") else None


def _facts(value: Any) -> list[Fact]:
    """Deep things nest, and come after those that are plain; what is empty is not shown."""
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value, start=1)
    found = [_fact(plain(str(name)), inner) for name, inner in pairs if inner not in (None, "", [], {})]
    return sorted(found, key=lambda fact: bool(fact.parts))


def _fact(name: str, value: Any) -> Fact:
    if isinstance(value, list) and all(not isinstance(one, Mapping | list) for one in value):
        return Fact(name, ", ".join(map(_text, value)))
    return Fact(name, parts=_facts(value)) if isinstance(value, Mapping | list) else Fact(name, _text(value))


def _text(value: object) -> str:
    return {True: "✓", False: "–"}[value] if isinstance(value, bool) else str(value)
