"""Somebody comes in: the sign-in is remembered with its device, and one from a device that nobody knows is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.db import logins, mail
from portal.db.logins import Device, Via
from portal.db.work import Work
from portal.domain import mails
from portal.domain.refusals import Conflict


@dataclass(frozen=True, slots=True)
class Entry:
    """A session that begins. `key` is where it is stored; `is_known`: the browser was this person's before."""

    key: str
    person_id: int
    epoch: int
    factors: Sequence[str]
    device: Device
    via: Via | None = None
    is_known: bool = False


class Overtaken(Conflict):
    """Their sessions were ended, or they were shut out, while they came in."""


async def enter(work: Work, entry: Entry) -> None:
    """Remember it. Whoever signs in for the first time is told nothing: every device would be new.

    Refused when all their sessions were ended since they were asked who they are.
    """
    if not await logins.holds(work.conn, entry.person_id, entry.epoch):
        raise Overtaken("Your sessions were ended a moment ago. Sign in again.")
    if not entry.is_known and not await logins.is_familiar(work.conn, entry.person_id, entry.device):
        await mail.due(
            work.conn,
            f"login:{entry.key}",
            mails.NEW_DEVICE,
            entry.person_id,
            at=work.now,
            data={
                "at": work.now.isoformat(),
                "address": entry.device.address,
                "agent": entry.device.agent,
            },
        )
    await logins.insert(
        work.conn,
        key=entry.key,
        person_id=entry.person_id,
        at=work.now,
        factors=entry.factors,
        device=entry.device,
        via=entry.via,
    )
