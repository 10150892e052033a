"""What can happen in a story, as plain values.

Whoever tells a story carries them out in his own way: the player by the portal's operations, the tests through its API.
Days and moments are those of the story's own calendar, by the clock on the supplier's wall; codes carry no tag yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Quantities by line.
Lines = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place of the supplier that works Monday to Friday outside the holidays."""

    code: str
    name: str
    handling: int = 1
    parcel: int = 2
    freight: int = 4


@dataclass(frozen=True, slots=True)
class Product:
    """Something that is sold by the piece."""

    sku: str
    name: str
    price: str
    mode: str = "parcel"


@dataclass(frozen=True, slots=True)
class Company:
    """A buying company with one ship-to, on so many days' terms; without a credit limit it may owe any amount."""

    account: str
    name: str
    city: str = "Leeds"
    credit_limit: str | None = None
    net: int = 30


@dataclass(frozen=True, slots=True)
class Employed:
    """Somebody of a company, whom the story calls by the first name. `limit` is what they may decide on per order."""

    who: str
    account: str
    name: str
    roles: Sequence[str]
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Who must agree to orders above an amount, one after the other: a person each, or everybody with a role."""

    name: str
    above: str
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A company's approval policy; the hours are those in which it works."""

    account: str
    rules: Sequence[Rule]
    expires_after: int | None = None
    remind_after: int | None = None
    escalate_after: int | None = None


@dataclass(frozen=True, slots=True)
class Deputised:
    """Somebody is away between two days, both included, and another decides for them."""

    account: str
    away: str
    deputy: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Counted:
    """So many stand on the shelf, so many of them in quarantine."""

    location: str
    sku: str
    on_hand: int
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Guaranteed:
    """Stock that an agreement keeps for one account."""

    agreement: str
    account: str
    location: str
    sku: str
    quantity: int
    valid_from: str = "2026-01-01"
    valid_to: str | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """Supply on its way, as (line, SKU, quantity, expected on). Told again with another day, it has slipped."""

    kind: str
    reference: str
    location: str
    lines: Sequence[tuple[int, str, int, str]]
    supplier: str | None = None
    from_location: str | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a line of supply; `closed`: nothing more will."""

    line: int
    received: int = 0
    rejected: int = 0
    quarantined: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """Goods came in, or came out of an inspection."""

    kind: str
    reference: str
    lines: Sequence[Came]


@dataclass(frozen=True, slots=True)
class Ordered:
    """An account orders; the story calls the order `name` from here on."""

    name: str
    account: str
    lines: Sequence[tuple[str, int]]
    purchase_order_number: str | None = None
    by: str = "Petra Vogt"
    # Somebody who is employed; without, it is a name and nobody in particular.
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Somebody who is asked approves, rejects, or asks back. `total` and `until` make an approval conditional."""

    order: str
    who: str
    what: str
    comment: str | None = None
    total: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """Whoever ordered says what they were asked."""

    order: str
    who: str
    comment: str


@dataclass(frozen=True, slots=True)
class Picked:
    """The warehouse takes goods from the shelf."""

    order: str
    location: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Missed:
    """What the books promise is not on the shelf."""

    order: str
    location: str
    lines: Lines
    reason: str


@dataclass(frozen=True, slots=True)
class Packed:
    """What was picked is in its packages."""

    order: str
    location: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a shipment; its weight in kilograms."""

    tracking_number: str
    weight: str
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class Shipped:
    """Goods leave one location; the story calls the shipment `name` from here on."""

    name: str
    order: str
    location: str
    lines: Lines
    mode: str = "parcel"
    carrier: str | None = None
    service: str | None = None
    packages: Sequence[Package] = ()
    freight: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What the carrier says of a shipment, and of which moment."""

    shipment: str
    state: str
    at: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Lines are stopped; the story calls the hold `name` from here on."""

    name: str
    order: str
    reason: str
    note: str
    lines: Sequence[int]


@dataclass(frozen=True, slots=True)
class Lifted:
    """A hold is lifted."""

    hold: str
    order: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Quantities that will never come."""

    order: str
    lines: Lines
    reason: str


Happening = (
    Warehouse
    | Product
    | Company
    | Employed
    | Ruled
    | Deputised
    | Counted
    | Guaranteed
    | Announced
    | Received
    | Ordered
    | Decided
    | Answered
    | Picked
    | Missed
    | Packed
    | Shipped
    | Followed
    | Held
    | Lifted
    | Cancelled
)
