"""A change of an order as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain.orders import Order
from portal.domain.refusals import Refused
from portal.filters import Tongue
from portal.operations.revising import Change, ChangedLine
from portal.routes.asking import lines_of
from portal.views.approvals.order_changes import standing
from portal.views.desk.words import Mistyped, typed_quantity

LONGEST = 80
LONGEST_NOTE = 2000
MOST_MORE = 20


@dataclass(frozen=True, slots=True)
class Added:
    """A product besides, as it was typed."""

    sku: str = ""
    quantity: str = ""
    need_by: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.sku or self.quantity)


@dataclass(frozen=True, slots=True)
class Typed:
    """`version` is the order's that was looked at."""

    version: int = 0
    quantities: Mapping[int, str] = field(default_factory=dict)
    more: tuple[Added, ...] = ()
    note: str = ""

    @classmethod
    def read(cls, form: Any) -> "Typed":
        version = str(form.get("version", ""))
        skus, quantities, days = (
            [_line(value) for value in form.getall(name, [])][:MOST_MORE]
            for name in ("sku", "quantity", "need_by")
        )
        days += [""] * (len(skus) - len(days))
        return cls(
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 15 else 0,
            quantities=lines_of(form, "quantity"),
            more=tuple(Added(*one) for one in zip(skus, quantities, days, strict=False)),
            note=str(form.get("note", "")).replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_NOTE],
        )


@dataclass(slots=True)
class Reading:
    """`errors` are sentences by the name of the field that they stand beside."""

    typed: Typed
    order: Order
    tongue: Tongue
    errors: dict[str, str] = field(default_factory=dict)

    def read(self) -> Change | None:
        """None when something cannot be read, or nothing is changed."""
        lines = [*self._changed(), *self._added()]
        if not lines and not self.errors:
            self.errors["form"] = self.tongue.gettext("Nothing is changed yet.")
        if self.errors:
            return None
        return Change(lines, self.typed.note or None, self.typed.version)

    def _changed(self) -> list[ChangedLine]:
        found = []
        for line in self.order.lines:
            raw = self.typed.quantities.get(line.line)
            if raw is None:
                continue
            quantity = self._quantity(f"quantity-{line.line}", raw, line.unit)
            if quantity is not None and quantity != standing(line):
                found.append(ChangedLine(quantity, line=line.line))
        return found

    def _added(self) -> list[ChangedLine]:
        found = []
        for place, added in enumerate(self.typed.more):
            if added.is_empty:
                continue
            if not added.sku:
                self.errors[f"sku-{place}"] = self.tongue.gettext("Which product?")
            quantity = self._quantity(f"more-{place}", added.quantity, None)
            need_by = self._day(f"need-{place}", added.need_by)
            if quantity is not None:
                found.append(ChangedLine(quantity, sku=added.sku, need_by=need_by))
        return found

    def _quantity(self, name: str, raw: str, unit: str | None) -> Decimal | None:
        try:
            return typed_quantity(raw, unit, self.tongue)
        except Mistyped as wrong:
            self.errors[name] = str(wrong)
            return None

    def _day(self, name: str, raw: str) -> date | None:
        if not raw:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            self.errors[name] = self.tongue.gettext("Choose a day.")
            return None


def beside(refusal: Refused, typed: Typed, wanted: Change) -> dict[str, str]:
    """What is wrong with which field: pointers count the lines that were sent, fields are named by line or place."""
    places = [place for place, added in enumerate(typed.more) if not added.is_empty]
    names = [
        f"quantity-{line.line}" if line.line is not None else f"more-{places.pop(0)}" for line in wanted.lines
    ]
    errors = {}
    for problem in refusal.problems:
        _, _, rest = problem.pointer.partition("/lines/")
        place, _, what = rest.partition("/")
        if place.isdigit() and int(place) < len(names):
            name = names[int(place)]
            errors[name.replace("more-", "sku-") if what == "sku" else name] = problem.detail
    return errors


def _line(raw: object) -> str:
    return "".join(c for c in str(raw) if c.isprintable()).strip()[:LONGEST]
