"""What a story claims of an order: its portions with their dates, the facts behind them, and their sentences.

Dates are written as people say them ("25 Nov"); a story that reaches into January says "4 Jan 2027".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
IMPORTED = "wholesale"
Told = tuple[object, str, str | None, str | None]

FURTHEST_FIRST = (
    "returned",
    "delivered",
    "shipped",
    "packed",
    "picking",
    "allocated",
    "held",
    "awaiting_inspection",
    "awaiting_transfer",
    "awaiting_production",
    "awaiting_supplier",
    "reserved_elsewhere",
    "backordered",
    "waiting",
    "cancelled",
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEFT = {"shipped", "delivered", "returned"}
OURS = {"allocated", "picking", "packed"}
AWAITING = {"awaiting_inspection", "awaiting_transfer", "awaiting_production", "awaiting_supplier"}


def day(said: str) -> str:
    """'25 Nov' as the API writes it."""
    number, month, *year = said.split()
    return date(int(year[0]) if year else 2026, MONTHS.index(month) + 1, int(number)).isoformat()


def spoken(iso: str) -> str:
    """2026-11-25 as a sentence writes it."""
    on = date.fromisoformat(iso)
    return f"{on.day} {MONTHS[on.month - 1]}"


def line_of(order: Json, line: int) -> Json:
    return next(one for one in order["lines"] if one["line"] == line)


def portions_of(order: Json, line: int) -> list[Json]:
    portions: list[Json] = line_of(order, line)["portions"]
    return portions


def portion(order: Json, line: int, status: str | None = None) -> Json:
    """The one portion of this line (with this status, when there are more)."""
    found = [one for one in portions_of(order, line) if status in (None, one["status"])]
    assert len(found) == 1, (
        f"line {line} has {len(found)} portions {status or ''}: {portions_of(order, line)}"
    )
    return found[0]


def expect(order: Json, line: int, portions: Sequence[Told]) -> None:
    """Line `line` is exactly these portions, in this order: (quantity, status, ships_on, arrives_on)."""
    found = [
        (one["quantity"], one["status"], one.get("ships_on"), one.get("arrives_on"))
        for one in portions_of(order, line)
    ]
    wanted = [
        (str(quantity), status, ships and day(ships), arrives and day(arrives))
        for quantity, status, ships, arrives in portions
    ]
    assert found == wanted, f"{order['number']} line {line}:\n  found  {found}\n  wanted {wanted}"


def first_promised(order: Json, line: int, status: str, ships_on: str, arrives_on: str) -> None:
    told = portion(order, line, status)
    assert told["first_promise"] == {"ships_on": day(ships_on), "arrives_on": day(arrives_on)}, told


def has_word(sentence: str, word: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(word)}(?![\w])", sentence) is not None


def says(order: Json, line: int, status: str, *words: object) -> None:
    """The sentence of that portion holds each of these, as whole words."""
    sentence = portion(order, line, status)["sentence"]
    for word in words:
        assert has_word(sentence, str(word)), f"{word!r} is not said in: {sentence}"


def fact(told: Json, kind: str) -> Json:
    """The one fact of that kind in a portion's because-chain."""
    found: list[Json] = [one for one in told["because"] if one["fact"] == kind]
    assert len(found) == 1, f"{kind!r}: {told['because']}"
    return found[0]


def facts(told: Json) -> list[str]:
    return [one["fact"] for one in told["because"]]


def holds_with(told: Json, name: str, /, **wanted: object) -> None:
    """The chain has that fact, with at least these particulars."""
    found = fact(told, name)
    assert wanted.items() <= found.items(), f"{wanted} in {found}"


def total(portions: Iterable[Json], *statuses: str) -> Decimal:
    return sum(
        (Decimal(one["quantity"]) for one in portions if not statuses or one["status"] in statuses),
        Decimal(0),
    )


def honest(order: Json, strangers: Iterable[str]) -> None:
    """What holds for every order at every moment: its sums, figures and state, and no sentence that lies."""
    to_come = Decimal(0)
    for line in order["lines"]:
        where = f"{order['number']} line {line['line']}: {line}"
        portions = line["portions"]
        assert total(portions) == Decimal(line["quantity"]), where
        assert all(Decimal(one["quantity"]) > 0 for one in portions), where
        assert Decimal(line["shipped"]) == total(portions, *LEFT), where
        assert Decimal(line["delivered"]) == total(portions, "delivered", "returned"), where
        assert Decimal(line["cancelled"]) == total(portions, "cancelled"), where
        assert Decimal(line["returned"]) == total(portions, "returned"), where
        never = total(portions, "cancelled", "returned")
        assert Decimal(line["invoiced"]) <= Decimal(line["quantity"]) - never, (
            f"more than is billable: {where}"
        )
        rank = [FURTHEST_FIRST.index(one["status"]) for one in portions]
        assert rank == sorted(rank), f"not furthest first: {where}"
        fates = [
            {key: value for key, value in one.items() if key not in ("quantity", "sentence")}
            for one in portions
        ]
        assert all(fate not in fates[:at] for at, fate in enumerate(fates)), f"two alike: {where}"
        to_come += total(portions) - total(portions, *LEFT, "cancelled")
        for one in portions:
            truthful(one, strangers)
    add_up(order)
    if order["state"] in ("open", "closed", "cancelled"):
        shipped = sum(Decimal(line["shipped"]) for line in order["lines"])
        settled = "closed" if shipped else "cancelled"
        assert order["state"] == ("open" if to_come else settled), order["state"]


def add_up(order: Json) -> None:
    """What was billed and paid of an order is what its documents say; the rest is outstanding, and never less than
    nothing."""
    figures = {name: Decimal(amount) for name, amount in order["totals"].items()}
    sums = {
        kind: sum((Decimal(one["total"]) for one in order["invoices"] if one["kind"] == kind), Decimal(0))
        for kind in ("invoice", "credit_note")
    }
    assert (figures["invoiced"], figures["credited"]) == tuple(sums.values()), order["totals"]
    assert figures["paid"] == sum(Decimal(one["paid"]) for one in order["invoices"]), order["totals"]
    assert figures["due"] == sum(Decimal(one["due"]) for one in order["invoices"]), order["totals"]
    billed = figures["invoiced"] - figures["credited"]
    assert billed >= 0, order["totals"]
    if order["origin"] == IMPORTED:
        assert (figures["outstanding"], order["invoices"]) == (0, []), "it was billed where it comes from"
        return
    assert figures["outstanding"] == figures["to_come"] + figures["shipped"] - billed >= 0, order["totals"]
    if order["state"] in ("closed", "cancelled") and all(
        Decimal(line["invoiced"]) + Decimal(line["cancelled"]) + Decimal(line["returned"])
        == Decimal(line["quantity"])
        for line in order["lines"]
    ):
        assert figures["outstanding"] == 0, f"all is billed: {order['totals']}"


def truthful(told: Json, strangers: Iterable[str]) -> None:
    """The sentence is one, names the quantity and the dates that are promised, and nobody else."""
    sentence = told["sentence"]
    assert sentence.endswith("."), told
    quantity = Decimal(told["quantity"])
    assert has_word(sentence, f"{quantity:f}") or has_word(sentence, f"{quantity:,f}"), told
    for stranger in strangers:
        assert stranger not in sentence, f"{stranger!r} is named in: {sentence}"
    if told["status"] in OURS | AWAITING and told.get("ships_on"):
        for promised in (told["ships_on"], told["arrives_on"]):
            assert spoken(promised) in sentence, f"{spoken(promised)!r} is not said in: {sentence}"
    if told["status"] in OURS | AWAITING:
        assert told["because"], told
