"""What failed for good is put right and sent again, or let go: deliveries to other systems, mail, and messages of
others that could not be applied. A connection is paused and goes on; what waits for its next try is tried at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from portal.db import bounces, dead_letters, delivery_log, parked
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.carriers import STATES
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable
from portal.operations import arranging, connecting, following, receiving
from portal.operations.following import EVERYBODY, Message
from portal.operations.receiving import Came

NEEDS = "connections:write"
LONGEST_NUMBER = 60
# As where a carrier's system says it.
LONGEST_WORDS = {"note": 2000, "tracking_number": 200}
# Nobody decided so far; after seven days it is a case by itself.
UNDECIDED = ("parked", "case")
Ids = Sequence[int] | None


async def send_again(work: Work, viewer: Viewer, connection_id: str, ids: Ids = None) -> int:
    """These, or all that failed for good; answers how many. Each keeps the id by which its receiver knows it."""
    viewer.need(NEEDS)
    await _lock(work, connection_id)
    if connection_id == "mail":
        people = await dead_letters.mail_again(work.conn, work.now, ids)
        for person_id in set(people):
            await bounces.go_on(work.conn, person_id)
        return len(people)
    return await delivery_log.tell_again(work.conn, connection_id, work.now, ids)


async def let_go(work: Work, viewer: Viewer, connection_id: str, ids: Ids = None) -> int:
    """These, or all that failed for good, are not sent; answers how many."""
    viewer.need(NEEDS)
    await _lock(work, connection_id)
    if connection_id == "mail":
        return await dead_letters.drop_mail(work.conn, ids)
    return await delivery_log.drop(work.conn, connection_id, work.now, ids)


async def name_customer(work: Work, viewer: Viewer, account: str, number: str) -> int:
    """The ERP knows the account by this number: what it refused of it is sent again. Answers how many that is."""
    viewer.need(NEEDS)
    number = number.strip()
    if not number or len(number) > LONGEST_NUMBER or not number.isprintable():
        raise Unacceptable(
            f"Write the number under which the ERP knows the account, with at most {LONGEST_NUMBER} characters.",
            [Problem("/erp_number", "write the ERP's number of the account")],
        )
    await arranging.arrange(work, viewer, account, {"erp_number": number})
    # Deliveries are locked after everything else.
    await work.close_books()
    await _lock(work, "erp")
    ids = await dead_letters.of_account(work.conn, "erp", account)
    return await delivery_log.tell_again(work.conn, "erp", work.now, ids)


async def try_now(work: Work, viewer: Viewer, connection_id: str) -> int:
    """What failed and waits for its next try is due; answers how many."""
    viewer.need(NEEDS)
    await _lock(work, connection_id)
    if connection_id == "mail":
        return await dead_letters.hurry_mail(work.conn, work.now)
    return await dead_letters.hurry(work.conn, connection_id, work.now)


async def pause(work: Work, viewer: Viewer, connection_id: str) -> None:
    """Nothing is sent; what happens meanwhile waits."""
    viewer.need(NEEDS)
    if await _lock(work, connection_id) == "webhook":
        # Its account finds in its records who did that.
        await connecting.pause(work, viewer, connection_id)
    else:
        await _turn(work, connection_id, "paused")


async def resume(work: Work, viewer: Viewer, connection_id: str) -> None:
    """Send again, what has waited first."""
    viewer.need(NEEDS)
    if await _lock(work, connection_id) == "webhook":
        await connecting.resume(work, viewer, connection_id)
    else:
        await _turn(work, connection_id, "active")


async def _turn(work: Work, connection_id: str, state: str) -> None:
    if connection_id != "erp":
        raise Conflict("This connection has no switch.")
    await dead_letters.turn(work.conn, connection_id, state)
    await delivery_log.nudge(work.conn)


async def _lock(work: Work, connection_id: str) -> str:
    """Its kind. Whoever sends locks the row as well, so that nothing of it begins meanwhile."""
    kind: str | None = await work.conn.fetchval(
        "select kind from connection where id = $1 and deleted_at is null for no key update", connection_id
    )
    if kind is None:
        raise NotFound(f"There is no connection {connection_id!r}.")
    return kind


@dataclass(frozen=True, slots=True)
class Corrected:
    """A message as somebody puts it right: what it speaks of, and what it says."""

    key: str
    body: Mapping[str, Any]


async def apply(work: Work, viewer: Viewer, message_id: int, corrected: Corrected, note: str | None) -> None:
    """Apply a message that could not be applied as it came. It is theirs who said it, and whose who put it right."""
    viewer.need(NEEDS)
    found = await _undecided(work, message_id)
    if found.subject == "shipment":
        await _follow(work, corrected)
    else:
        await _receive(work, corrected)
    changed = corrected.key != found.key or dict(corrected.body) != found.body
    kept = {"key": corrected.key, "body": dict(corrected.body)} if changed else None
    # Its row comes last: whoever ships an order looks for messages while holding it.
    await work.close_books()
    await _settle(work, message_id, "applied", viewer, note, kept)


async def dismiss(work: Work, viewer: Viewer, message_id: int, note: str | None) -> None:
    """Nothing comes of it: it was a mistake, or was booked by hand."""
    viewer.need(NEEDS)
    await _undecided(work, message_id)
    await _settle(work, message_id, "dismissed", viewer, note, None)


async def _undecided(work: Work, message_id: int) -> parked.Case:
    found = await parked.case(work.conn, message_id)
    if found is None:
        raise NotFound(f"There is no message {message_id}.")
    if found.state not in UNDECIDED:
        raise Conflict("Somebody has decided on this message already.")
    return found


async def _settle(
    work: Work,
    message_id: int,
    state: str,
    viewer: Viewer,
    note: str | None,
    corrected: dict[str, Any] | None,
) -> None:
    if not await parked.decide(work.conn, message_id, state, viewer.actor, note, corrected, work.now):
        raise Conflict("Somebody has decided on this message already.")


async def _follow(work: Work, corrected: Corrected) -> None:
    message = _read(_message, corrected.body)
    if message.state not in STATES:
        raise _wrong(f"A carrier's message says one of {', '.join(STATES)}.")
    found = await following.resolve(work, EVERYBODY, corrected.key)
    if found is None:
        raise Unacceptable(
            f"There is no shipment {corrected.key!r}, by number, external id or tracking number.",
            [Problem("/key", "there is no such shipment")],
        )
    await following.follow(work, EVERYBODY, found.number, message)


async def _receive(work: Work, corrected: Corrected) -> None:
    came, received_at = _read(_receipt, corrected.body)
    kind, _, reference = corrected.key.partition("/")
    if not await receiving.receive(work, kind, reference, came, received_at):
        raise Unacceptable(
            f"No document {corrected.key!r} was announced: write it as kind/reference.",
            [Problem("/key", "there is no such document")],
        )


T = TypeVar("T")


def _read(how: Callable[[Mapping[str, Any]], T], body: Mapping[str, Any]) -> T:
    try:
        return how(body)
    except KeyError as missing:
        raise _wrong(f"The message lacks {missing.args[0]!r}.") from missing
    except (TypeError, ValueError, ArithmeticError, AttributeError) as unreadable:
        said = str(unreadable) or type(unreadable).__name__
        raise _wrong(f"The message cannot be read: {said}") from unreadable


def _message(body: Mapping[str, Any]) -> Message:
    for name, longest in LONGEST_WORDS.items():
        _check_words(name, body.get(name), longest)
    message = following.of_parked(body)
    return replace(message, at=_with_zone(message.at))


def _check_words(name: str, words: object, longest: int) -> None:
    if words is not None and not (isinstance(words, str) and len(words) <= longest):
        raise ValueError(f"{name!r} is text of at most {longest:,} characters")


def _receipt(body: Mapping[str, Any]) -> tuple[list[Came], datetime | None]:
    came, at = receiving.of_parked(body)
    return came, _with_zone(at) if at else None


def _with_zone(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("write moments with their offset, as in 2026-11-22T14:05:00Z")
    return at


def _wrong(said: str) -> Unacceptable:
    return Unacceptable(said, [Problem("/body", said)])
