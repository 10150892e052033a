"""A form that is sent twice does its work once: a double click, a reload, a browser that tries again.

Each form carries a random id, `<input type="hidden" name="form" value="{{ form_id }}">`. What came of it is kept in the
same commit as its effect, for the person who sent it: the second sending waits for the first and is led to where the
first one led.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from portal.db import answers
from portal.db.answers import Stored
from portal.db.patience import patiently
from portal.db.work import Work
from portal.domain.refusals import Conflict, Malformed
from portal.routes.asking import Asked

Outcome = dict[str, Any]
LONGEST = 64
# Of the form, not of what it says.
UNSAID = ("_csrf", "form")


class SentBefore(Conflict):
    """This form was sent with other content before; what it did then stands."""


def new_form() -> str:
    """The id of a form that is about to be drawn."""
    return secrets.token_urlsafe(12)


async def once(
    asked: Asked, form: Mapping[str, Any], path: str, do: Callable[[Work], Awaitable[Outcome]]
) -> Outcome:
    """Do the work of this form, or answer what came of it the first time. `path` says what the form is for."""
    key = _key(form)
    said = _digest(form)
    return await patiently(lambda: _attempt(asked, path, key, said, do))


async def _attempt(
    asked: Asked, path: str, key: str, said: bytes, do: Callable[[Work], Awaitable[Outcome]]
) -> Outcome:
    who = _who(asked)
    async with asked.work() as work:
        await answers.take_turn(work.conn, who, path, key)
        before = await answers.get(work.conn, who, path, key)
        if before is not None:
            return _read(before, said)
        outcome = await do(work)
        stored = Stored(said, 200, {}, msgspec.json.encode(outcome))
        await answers.keep(work.conn, who, path, key, stored, work.now)
    return outcome


async def came_of(asked: Asked, path: str, key: str | None) -> Outcome | None:
    """What came of a form that this person has sent; nothing once it is forgotten, or for somebody else."""
    if not key:
        return None
    async with asked.unscoped() as conn:
        before = await answers.get(conn, _who(asked), path, key[:LONGEST].replace("\x00", ""))
    return _outcome(before) if before else None


async def first_of(asked: Asked, path: str, deeds: tuple[str, ...]) -> str:
    """Which of these forms of a page led back to it: its number came in the address, under the deed's name."""
    for deed in deeds:
        if await came_of(asked, f"{path}:{deed}", asked.request.query_params.get(deed)) is not None:
            return deed
    return ""


def _key(form: Mapping[str, Any]) -> str:
    key = str(form.get("form", ""))
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise Malformed("This form has no number of its own. Reload the page and try again.")
    return key


def _digest(form: Mapping[str, Any]) -> bytes:
    said = sorted((name, str(value)) for name, value in form.items() if name not in UNSAID)
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def _read(before: Stored, said: bytes) -> Outcome:
    if before.payload_sha256 != said:
        raise SentBefore("This form was sent before, with other figures; what it did then stands.")
    return _outcome(before)


def _outcome(stored: Stored) -> Outcome:
    return msgspec.json.decode(stored.body, type=dict[str, Any])


def _who(asked: Asked) -> str:
    return f"desk:{asked.viewer.actor}"
