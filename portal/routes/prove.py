"""The page where somebody proves once more who they are, and from which what they had begun goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.adapters import passkeys
from portal.adapters.pending import Typed
from portal.db import factors
from portal.db.factors import Standing
from portal.domain.proving import PASSKEY, PROVIDER
from portal.pages import local_path
from portal.routes.asking import Asked, asking
from portal.routes.proving import HERE, is_fresh, proved, standing_of
from portal.routes.showing import (
    Shown,
    bound_to,
    challenge,
    holding,
    key,
    party,
    passkeys_work,
    pending,
    show,
)
from portal.routes.visitor import PageRequest, SignedOut, ours, signed_in, with_cookies


@dataclass(frozen=True, slots=True)
class Way:
    """Where it goes on: a form that was kept, or a page."""

    kept: str
    following: str

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Way":
        return cls(str(given.get("kept", ""))[:100], local_path(str(given.get("next", "")), "/"))

    @property
    def query(self) -> str:
        return urlencode({"kept": self.kept, "next": self.following})


@get(HERE, name="prove")
async def ask(request: PageRequest) -> Response[Any]:
    """What can be shown; whoever has proved it meanwhile goes on."""
    asked = await asking(request, is_own=True)
    way, standing = Way.of(request.query_params), await _standing(asked)
    if is_fresh(request, standing):
        return await _on(asked, way)
    return await _draw(asked, way, standing, Shown(status=200))


@post(HERE, name="prove-try", status_code=200)
async def attempt(request: PageRequest) -> Response[Any]:
    """Right, and it goes on; wrong, and it may be tried again."""
    asked = await asking(request, is_own=True)
    form = await request.form()
    way, standing = Way.of(form), await _standing(asked)
    if is_fresh(request, standing):
        return await _on(asked, way)
    shown = await show(request, asked.viewer.person_id or 0, form, _ways(asked, standing), asked.tongue)
    if not shown.factor:
        return await _draw(asked, way, standing, shown)
    renewed = await proved(request, (shown.factor,))
    return with_cookies(await _on(asked, way), renewed)


async def _standing(asked: Asked) -> Standing:
    found = await standing_of(asked.request, asked.viewer.person_id or 0)
    if found is None:
        raise SignedOut
    return found


def _ways(asked: Asked, standing: Standing) -> Sequence[str]:
    return standing.held.ways(passkeys_work=passkeys_work(asked.request))


async def _draw(asked: Asked, way: Way, standing: Standing, shown: Shown) -> Response[Any]:
    ways, held = _ways(asked, standing), standing.held
    options = None
    if PASSKEY in ways:
        async with holding(asked.request) as conn:
            known = await factors.passkeys(conn, asked.viewer.person_id or 0)
        given = challenge(asked.request, bound_to(asked.request)[0])
        options = passkeys.to_use(party(asked.request), given, [key(one) for one in known])
    company = f"/sign-in/company/{held.provider}?{urlencode({'prove': '1', 'next': f'{HERE}?{way.query}'})}"
    return asked.page(
        "prove/show.html",
        section="",
        status=shown.status,
        way=way,
        ways=ways,
        options=options,
        problem=shown,
        company=company if PROVIDER in ways else "",
        is_typed=bool(way.kept),
    )


async def _on(asked: Asked, way: Way) -> Response[Any]:
    """What was typed is sent by itself, or with one press where there is no script."""
    typed = await pending(asked.request).typed(way.kept) if way.kept else None
    if typed is None or typed.person_id != asked.viewer.person_id:
        return Redirect(way.following, status_code=303)
    return _again(asked, typed, way)


def _again(asked: Asked, typed: Typed, way: Way) -> Response[Any]:
    return asked.page(
        "prove/on.html", section="", path=typed.path, fields=typed.fields, following=way.following
    )


router = Router("/", route_handlers=[ask, Router("/", route_handlers=[attempt], guards=[signed_in, ours])])
