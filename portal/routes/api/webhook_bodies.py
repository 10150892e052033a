"""What is sent about endpoints, and what is told of them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from portal.domain.events import TYPES
from portal.routes.api.bodies import PRINTABLE, Body, Code, Instant

Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2000,
        pattern=r"^[^\s\x00-\x1f\x7f]+$",
        description="https; http only to the machine itself, in demo mode",
        examples=["https://erp.nordwind.example/portal"],
    ),
]
Types = Annotated[
    list[Annotated[str, Meta(max_length=80, examples=["shipment.shipped"])]],
    Meta(max_length=len(TYPES), description="Left out: all"),
]
Description = Annotated[str, Meta(max_length=200, pattern=PRINTABLE)]
State = Literal["active", "paused", "disabled"]
DeliveryState = Literal["waiting", "sending", "delivered", "dead", "dropped"]


class PostEndpoint(Body):
    url: Url
    types: Types | None = None
    description: Description = ""
    account: Annotated[
        Code | None,
        Meta(description="Left out: the token's own; for a supplier's token, every account's"),
    ] = None


class PatchEndpoint(Body):
    """What is left out stays. `types` null: all."""

    url: Url | UnsetType = UNSET
    types: Types | UnsetType | None = UNSET
    description: Description | UnsetType = UNSET
    state: State | UnsetType = UNSET


class PostReplay(Body):
    """One `event`, or all from `since` up to `until` (left out: up to now), or what was given up (`state`)."""

    event: Annotated[str, Meta(max_length=40, examples=["evt_1204"])] | None = None
    since: Instant | None = None
    until: Instant | None = None
    state: Literal["dead"] | None = None


class Told(Struct, forbid_unknown_fields=True, kw_only=True):
    """An answer."""


class Endpoint(Told):
    id: str
    # None: it hears of every account.
    account: Code | None
    url: str
    types: list[str] | None
    description: str
    state: State
    disabled_because: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    last_success_at: datetime | None
    # Deliveries that are still to be made, and those that were given up.
    waiting: int
    dead: int
    oldest_waiting_since: datetime | None
    # Until then a secret that was replaced signs beside the new one.
    old_secret_until: datetime | None
    created_at: datetime | None
    created_by: str


class EndpointWithSecret(Endpoint):
    # Told this once.
    secret: str


class Endpoints(Told):
    items: list[Endpoint]
    next: str | None


class Attempt(Told):
    number: int
    at: datetime
    duration_ms: int | None
    # None: nobody answered; `problem` says what happened.
    status: int | None
    problem: str | None
    # To which address it went, after the name was resolved.
    address: str | None
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    # Cut at 20 kB.
    response_body: str | None


class Delivery(Told):
    id: str
    # The same on each try: the event's, or the test's.
    webhook_id: str
    event: str | None
    sequence: int | None
    type: str
    account: Code | None
    order: str | None
    state: DeliveryState
    created_at: datetime
    # When it is tried next, while it waits.
    due_at: datetime | None
    settled_at: datetime | None
    # From the commit to the first try.
    first_attempt_ms: int | None
    replays: int
    problem: str | None
    attempts: list[Attempt]


class Deliveries(Told):
    items: list[Delivery]
    next: str | None


class Replayed(Told):
    # How many events wait to be told again.
    replayed: int


Json = dict[str, Any]
ENDPOINT = "/webhook-endpoints/{endpoint_id}"
# What each call answers when it succeeds.
ANSWERS: dict[tuple[str, str], type[Struct]] = {
    ("get", "/webhook-endpoints"): Endpoints,
    ("post", "/webhook-endpoints"): EndpointWithSecret,
    ("get", ENDPOINT): Endpoint,
    ("patch", ENDPOINT): Endpoint,
    ("post", f"{ENDPOINT}/secret-rotation"): EndpointWithSecret,
    ("post", f"{ENDPOINT}/test"): Delivery,
    ("post", f"{ENDPOINT}/replay"): Replayed,
    ("get", f"{ENDPOINT}/deliveries"): Deliveries,
}
