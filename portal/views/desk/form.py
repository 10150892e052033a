"""The form of the work page as it was typed: kept as text, so that a refused one comes back as it was."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from portal.domain.quantities import ZERO, NotAQuantity, parse, text

# Rows of packages that can be typed; more come through the API.
MOST_PACKAGES = 50
LONGEST = 200
ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class TypedPackage:
    tracking: str = ""
    url: str = ""
    weight: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.tracking or self.url or self.weight)


@dataclass(frozen=True, slots=True)
class Typed:
    """`was` is what stood ready of each line when the form was drawn; `version` the order's version then."""

    form: str = ""
    version: int = 0
    quantities: Mapping[int, str] = field(default_factory=dict)
    missing: Mapping[int, str] = field(default_factory=dict)
    was: Mapping[int, str] = field(default_factory=dict)
    reason: str = ""
    scan: str = ""
    kilograms: str = ""
    carrier: str = ""
    service: str = ""
    mode: str = ""
    freight: str = ""
    packages: Sequence[TypedPackage] = ()

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "Typed":
        """From a form, or from an address that fills quantities in."""

        def said(name: str) -> str:
            return _printable(form.get(name, ""))[:LONGEST]

        version, mode = said("version"), said("mode")
        return cls(
            form=said("form") if ID.fullmatch(said("form")) else "",
            version=int(version) if _is_number(version) else 0,
            quantities=_by_line(form, "quantity"),
            missing=_by_line(form, "missing"),
            was=_by_line(form, "was"),
            reason=said("reason"),
            scan=said("scan"),
            kilograms=said("kilograms"),
            carrier=said("carrier"),
            service=said("service"),
            mode=mode if mode in {"parcel", "freight"} else "",
            freight=said("freight"),
            packages=_packages(form, said("packages")),
        )

    def filled(self, quantities: Mapping[int, Decimal]) -> "Typed":
        """The same with these quantities and no others."""
        return replace(self, quantities={line: text(quantity) for line, quantity in quantities.items()})

    def with_line(self, line: int, quantity: Decimal) -> "Typed":
        """The same with another quantity of this line."""
        return replace(self, quantities={**self.quantities, line: text(quantity)})

    def taken(self) -> dict[int, Decimal]:
        """The quantities as far as they are any."""
        taken: dict[int, Decimal] = {}
        for line, raw in self.quantities.items():
            try:
                taken[line] = parse(raw)
            except NotAQuantity:
                taken[line] = ZERO
        return taken

    def stood(self, line: int) -> tuple[Decimal, Decimal, Decimal] | None:
        """(allocated, picking, packed) of a line as the form showed them."""
        try:
            allocated, picking, packed = map(parse, self.was.get(line, "").split("/"))
        except ValueError:
            return None
        return allocated, picking, packed

    @property
    def shipped(self) -> list[TypedPackage]:
        """The packages of which anything was typed."""
        return [package for package in self.packages if not package.is_empty]


def _printable(raw: object) -> str:
    return "".join(letter for letter in str(raw) if letter.isprintable()).strip()


def _is_number(raw: str) -> bool:
    return raw.isascii() and raw.isdigit() and len(raw) < 16


def _by_line(form: Mapping[str, str], prefix: str) -> dict[int, str]:
    """What was typed per line; a number that no line can have names none."""
    start = f"{prefix}-"
    typed = {
        name.removeprefix(start): _printable(value)[:40]
        for name, value in form.items()
        if name.startswith(start)
    }
    return {
        int(line): value for line, value in typed.items() if value and _is_number(line) and len(line) < 10
    }


def _packages(form: Mapping[str, str], count: str) -> list[TypedPackage]:
    rows = min(int(count), MOST_PACKAGES) if _is_number(count) else 1
    return [
        TypedPackage(
            *(
                _printable(form.get(f"{name}-{row}", ""))[:limit]
                for name, limit in (("tracking", 100), ("url", 500), ("weight", 20))
            )
        )
        for row in range(1, max(rows, 1) + 1)
    ]
