"""Terms of EN 16931 as they are read from an invoice's XML, and how elements are found in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
NAMES = {
    "ram": RAM,
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
Key = tuple[str, Fraction]


@dataclass(frozen=True, slots=True)
class Row:
    """BG-25"""

    position: str
    quantity: Fraction
    unit: str
    price: Fraction
    per: Fraction
    net: Fraction
    key: Key
    name: str
    sku: str | None
    buyer_sku: str | None
    gtin: str | None
    order_line: str | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """BG-20, BG-21"""

    amount: Fraction
    key: Key
    reason: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """BG-23"""

    key: Key
    base: Fraction
    amount: Fraction
    reason: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """An invoice's or credit note's terms, as its XML says them."""

    number: str
    type: str
    issued_on: str
    due_on: str | None
    currency: str
    note: str | None
    references: tuple[str | None, ...]
    preceding: tuple[tuple[str, str], ...]
    seller: tuple[str | None, ...]
    buyer: tuple[str | None, ...]
    deliver_to: tuple[str | None, ...]
    delivered_on: str | None
    period: tuple[str | None, str | None]
    means: tuple[str | None, ...]
    terms: str | None
    rows: tuple[Row, ...]
    allowances: tuple[Adjusted, ...]
    charges: tuple[Adjusted, ...]
    groups: tuple[Group, ...]
    sums: Mapping[str, Fraction]


class Node:
    """An element with the paths below it."""

    def __init__(self, element: Any) -> None:
        self.element = element

    def all(self, path: str) -> "list[Node]":
        return [Node(found) for found in self.element.findall(path, NAMES)]

    def one(self, path: str) -> "Node | None":
        found = self.element.find(path, NAMES)
        return None if found is None else Node(found)

    def text(self, path: str) -> str | None:
        found = self.one(path)
        return found.element.text if found else None

    def said(self, path: str) -> str:
        text = self.text(path)
        if text is None:
            raise AssertionError(f"there is no {path}")
        return text

    def number(self, path: str, default: str | None = None) -> Fraction:
        return Fraction(self.said(path) if default is None else self.text(path) or default)

    def address(self, path: str, parts: tuple[str, ...]) -> tuple[str | None, ...]:
        found = self.one(path)
        return tuple(found.text(part) for part in parts) if found else ()

    def scheme(self, path: str) -> str | None:
        found = self.one(path)
        return found.element.get("schemeID") if found else None
