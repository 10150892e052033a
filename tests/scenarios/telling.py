"""The stories of `portal/stories`, told through the HTTP API, and held against what must be true after each step.

The player of the demo tells the same steps by the portal's own operations. The claims are the same functions for both:
they read through the API, and know nothing of who told the story.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from portal.stories.happenings import (
    Announced,
    Answered,
    Cancelled,
    Company,
    Counted,
    Decided,
    Deputised,
    Employed,
    Followed,
    Guaranteed,
    Happening,
    Held,
    Lifted,
    Missed,
    Ordered,
    Packed,
    Picked,
    Product,
    Received,
    Ruled,
    Shipped,
    Warehouse,
)
from portal.stories.story import Step, Story
from tests.scenarios import office
from tests.scenarios.driver import Json, World
from tests.scenarios.laws import laws_hold

# What must be true after a step, by the step's name.
Claims = Mapping[str, Callable[[World], None]]


def tell(world: World, story: Story, claims: Claims) -> None:
    """Every step in its turn, each with its claims, and the laws in the end."""
    fits(story, claims)
    for step in story.steps:
        world.now(f"{step.when.replace(' ', 'T')}:00Z")
        world.before = world.mark()
        take(world, step)
        hold(world, step, claims)
    laws_hold(world)


def fits(story: Story, claims: Claims) -> None:
    """No claim is lost because a step is called otherwise, and the end of each story is asserted."""
    names = [step.name for step in story.steps]
    assert len(set(names)) == len(names)
    assert claims.keys() <= set(names), claims.keys() - set(names)
    assert names[-1] in claims


def take(world: World, step: Step) -> None:
    for happening in step.happens:
        happens(world, happening)


def hold(world: World, step: Step, claims: Claims) -> None:
    """The claims of this step, and that every order reads as it should whatever the story says."""
    for number in world.orders:
        world.read(number)
    if claim := claims.get(step.name):
        claim(world)


def happens(world: World, happening: Happening) -> None:
    """One happening through the API. What a command answers is the order as it then reads."""
    match happening:
        case Warehouse(code, name, handling, parcel, freight):
            world.location(code, name=name, handling=handling, parcel=parcel, freight=freight)
        case Product(sku, name, price, mode):
            world.product(sku, price=price, name=name, mode=mode)
        case Company(account, name, city, credit_limit, net):
            terms: Json = {"credit_limit": credit_limit, "payment_terms_days": net}
            world.account(account, name=name, city=city, **terms)
        case Counted(location, sku, on_hand, quarantined):
            world.stock(location, sku, on_hand, quarantined or None)
        case Guaranteed(agreement, account, location, sku, quantity, valid_from, valid_to):
            days = {"valid_from": valid_from, "valid_to": valid_to}
            world.agreement(agreement, account, location, sku, quantity, **days)
        case Announced(kind, reference, location, lines, supplier, origin):
            world.inbound(kind, reference, location, lines, supplier=supplier, from_location=origin)
        case Received(kind, reference, lines):
            world.receive(kind, reference, [_came(line) for line in lines])
        case Employed() | Ruled() | Deputised() | Ordered(who=str()) | Decided() | Answered():
            office.happens(world, happening)
        case _:
            _on_an_order(world, happening)


def _came(line: object) -> Json:
    figures = {name: str(getattr(line, name)) for name in ("received", "rejected", "quarantined")}
    return {"line": line.line, "closed": line.closed, **figures}  # type: ignore[attr-defined]


def _on_an_order(world: World, happening: Happening) -> None:
    match happening:
        case Ordered(name, account, lines, purchase_order_number):
            order = world.order(account, lines, purchase_order_number=purchase_order_number)
            world.known[name] = order["number"]
        case Picked(order, location, lines):
            _answers(world, order, world.pick(world.the(order), location, lines))
        case Missed(order, location, lines):
            _answers(world, order, world.short_pick(world.the(order), location, lines))
        case Packed(order, location, lines):
            _answers(world, order, world.pack(world.the(order), location, lines))
        case Cancelled(order, lines):
            _answers(world, order, world.cancel(world.the(order), lines))
        case Held(name, order, reason, note, lines):
            world.known[name] = world.hold(world.the(order), reason, lines, note)
        case Lifted(hold, order):
            _answers(world, order, world.release(world.the(order), world.known[hold]))
        case Shipped():
            _ship(world, happening)
        case Followed(shipment, state, at):
            world.carrier({"number": world.known[shipment]}, state, f"{at.replace(' ', 'T')}:00Z")
        case _:
            raise AssertionError(happening)


def _ship(world: World, shipped: Shipped) -> None:
    packages = [
        {"tracking_number": one.tracking_number, "tracking_url": one.tracking_url, "weight_kg": one.weight}
        for one in shipped.packages
    ]
    more = {"carrier": shipped.carrier, "service": shipped.service, "freight": shipped.freight}
    answer = world.ship(
        world.the(shipped.order),
        shipped.location,
        shipped.lines,
        mode=shipped.mode,
        packages=packages,
        **{name: value for name, value in more.items() if value is not None},
    )
    world.known[shipped.name] = answer["number"]
    assert answer == world.get(f"shipments/{answer['number']}")


def _answers(world: World, name: str, answer: Json) -> None:
    assert answer == world.the(name)


def notice(world: World, step: Step, known: Mapping[str, str]) -> None:
    """What a world must know of a step that somebody else has told in its name."""
    world.known.update(known)
    for happening in step.happens:
        match happening:
            case Company(account, name):
                world.accounts[account] = name
            case Counted(location, sku):
                world.knows(location, sku)
            case Ordered(name):
                world.orders.append(known[name])
