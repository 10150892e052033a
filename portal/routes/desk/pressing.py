"""A button of the work page is pressed: what was typed becomes parts of lines, and all of it happens or none."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import msgspec

from portal.db import orders, shipments
from portal.db.orders import Locked
from portal.db.shipments import Package
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.orders import Order
from portal.domain.refusals import Refused
from portal.filters import Tongue
from portal.operations import colliding, picking, shipping
from portal.operations.moving import Part
from portal.operations.shipping import Leaving
from portal.views.desk.form import Typed, TypedPackage
from portal.views.desk.words import Mistyped, typed_quantity

# The origin of shipments that left from here.
DESK = "desk"
WEB = re.compile(r"https?://[^\s\x00-\x1f\"<>]+")
HEAVIEST = Decimal(1_000_000)
DEAREST = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button asks for. `leaving` only when goods leave."""

    do: str
    version: int
    location: str
    parts: Sequence[Part]
    missing: Sequence[Part]
    reason: str | None
    leaving: Leaving | None = None

    @property
    def lines(self) -> set[int]:
        """The lines that it names."""
        return {part.line for part in (*self.parts, *self.missing)}


@dataclass(frozen=True, slots=True)
class Did:
    """What was done: the order's version before it, and the shipment that it became."""

    before: int
    shipment: str | None = None


@dataclass(slots=True)
class Reading:
    """Reads what was typed; `errors` are sentences by the name of the field they stand beside."""

    typed: Typed
    order: Order
    tongue: Tongue
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, do: str, location: str, person_id: int | None) -> Pressed | None:
        """None when something cannot be read; then `errors` say what."""
        _ = self.tongue.gettext
        parts = [] if do == "short" else self._parts(self.typed.quantities, "quantity")
        missing = self._parts(self.typed.missing, "missing")
        if not parts and not missing and not self.errors:
            none = _("Say how many are missing.") if do == "short" else None
            self.errors["form"] = none or _("Scan something, type a quantity, or fill the quantities in.")
        if missing and not self.typed.reason:
            self.errors["reason"] = _("Say why they are missing.")
        pressed = Pressed(do, self.typed.version, location, parts, missing, self.typed.reason or None)
        if do == "ship":
            pressed = replace(pressed, leaving=self._leaving(parts, location, person_id))
        return None if self.errors else pressed

    def _parts(self, typed: Mapping[int, str], name: str) -> list[Part]:
        """Quantities of lines; a nought is none."""
        units = {line.line: line.unit for line in self.order.lines}
        parts = []
        for line, raw in sorted(typed.items()):
            quantity = self._number(f"{name}-{line}", raw, units.get(line))
            if quantity:
                parts.append(Part(line, quantity))
        return parts

    def _number(self, name: str, raw: str, unit: str | None = None) -> Decimal | None:
        try:
            return typed_quantity(raw, unit, self.tongue) if raw else None
        except Mistyped as wrong:
            self.errors[name] = str(wrong)
            return None

    def _leaving(self, parts: Sequence[Part], location: str, person_id: int | None) -> Leaving:
        typed = self.typed
        leaving = Leaving(
            location=location,
            lines=parts,
            mode=typed.mode or None,
            carrier=typed.carrier or None,
            service=typed.service or None,
            packages=self._packages(),
            freight=self._freight(),
        )
        # The same form with the same content is the same shipment, however often it comes.
        fingerprint = hashlib.sha256(msgspec.json.encode((self.order.number, leaving))).digest()
        external_id = f"{person_id}-{typed.form}-{fingerprint.hex()[:12]}"
        if not typed.form:
            self.errors["form"] = self.tongue.gettext("This form is too old. Load the page again.")
        return replace(leaving, origin=DESK, external_id=external_id, fingerprint=fingerprint)

    def _packages(self) -> list[Package]:
        seen: set[str] = set()
        packages = []
        for row, package in enumerate(self.typed.packages, 1):
            if not package.is_empty:
                packages.append(self._package(row, package, seen))
        return packages

    def _package(self, row: int, package: TypedPackage, seen: set[str]) -> Package:
        _ = self.tongue.gettext
        weight = self._number(f"weight-{row}", package.weight)
        if weight is not None and weight >= HEAVIEST:
            self.errors[f"weight-{row}"] = _("That is too heavy for a package.")
        if package.url and not WEB.fullmatch(package.url):
            self.errors[f"url-{row}"] = _("An address begins with https:// or http://.")
        if package.tracking and package.tracking in seen:
            self.errors[f"tracking-{row}"] = _("This tracking number stands here twice.")
        seen.add(package.tracking)
        return Package(package.tracking or None, package.url or None, weight)

    def _freight(self) -> Decimal | None:
        freight, currency = self._number("freight", self.typed.freight), self.order.currency
        if freight is not None and (freight >= DEAREST or freight != money.rounded(freight, currency)):
            self.errors["freight"] = self.tongue.gettext("That is no amount in {currency}.").format(
                currency=currency
            )
        return freight


async def carry_out(work: Work, viewer: Viewer, number: str, pressed: Pressed) -> Did:
    """Do what the button says, and report what is missing with it, in the open unit of work.

    Who decided on lines that changed since is refused (`colliding.Overtaken`); a form that comes again is not.
    """
    order = await orders.lock(work.conn, viewer, number)
    if repeated := await _left_already(work, pressed):
        return Did(pressed.version, repeated)
    await colliding.refuse_overtaken(work, order, pressed.lines, pressed.version)
    # First what is not there: it comes out of what was to be picked, and the rest is what the verb is about.
    if pressed.missing:
        await picking.short_pick(work, viewer, number, pressed.location, pressed.missing, pressed.reason)
    shipment = await _do(work, viewer, order, pressed) if pressed.parts else None
    return Did(order.version, shipment)


async def _left_already(work: Work, pressed: Pressed) -> str | None:
    """The shipment that this very form became before."""
    leaving = pressed.leaving
    if leaving is None or leaving.external_id is None:
        return None
    first = await shipments.by_external_id(work.conn, DESK, leaving.external_id)
    return first[0] if first is not None and first[2] == leaving.fingerprint else None


async def _do(work: Work, viewer: Viewer, order: Locked, pressed: Pressed) -> str | None:
    if pressed.leaving is not None:
        shipment, _ = await shipping.ship(work, viewer, order.number, pressed.leaving)
        return shipment
    verb = picking.pick if pressed.do == "pick" else picking.pack
    await verb(work, viewer, order.number, pressed.location, pressed.parts)
    return None


def placed(refusal: Refused, pressed: Pressed) -> dict[str, str]:
    """The refusal's problems by the name of the field that each is about."""
    found = {}
    for problem in refusal.problems:
        _, lines, index, name = (*problem.pointer.split("/"), "", "", "")[:4]
        parts = pressed.missing if name == "missing" else pressed.parts
        if lines == "lines" and index.isdigit() and int(index) < len(parts):
            field_name = "missing" if name == "missing" else "quantity"
            found[f"{field_name}-{parts[int(index)].line}"] = problem.detail
    return found
