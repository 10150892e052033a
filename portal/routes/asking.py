"""Whoever asks for a page: their scope and permissions from one look into the database, and the frame around the page.

asked = await asking(request, needs="desk:read")
...
return asked.page("desk/show.html", section="desk", board=board)
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from litestar import Response

from portal.clock import utc_now
from portal.db import people
from portal.db.work import Connection, Work
from portal.domain.access import Viewer
from portal.filters import Tongue
from portal.pages import Pages
from portal.routes.answers import html
from portal.routes.impersonated import Names, Wish, admit
from portal.routes.visitor import PageRequest, SignedOut, csrf_of, reader, recognise, session_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A person with a page before them."""

    request: PageRequest
    viewer: Viewer
    company: str

    @property
    def tongue(self) -> Tongue:
        pages: Pages = self.request.app.state.pages
        return pages.tongue(self.viewer.locale)

    @property
    def today(self) -> date:
        """The supplier's day."""
        return self.tongue.on(utc_now())

    @property
    def csrf(self) -> str:
        """What a form of theirs carries in `_csrf`."""
        return csrf_of(self.request)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection to look things up with, outside of any unit of work."""
        async with self.request.app.state.pool.acquire() as acquired:
            yield cast("Connection", acquired)

    def work(self) -> Work:
        """A unit of work in their name."""
        return Work(self.request.app.state.pool, actor=self.viewer.actor)

    def page(
        self,
        template: str,
        *,
        section: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Response[bytes]:
        """A whole page for them. Templates find `viewer`, `today` and the form token `reader.csrf` there."""
        pages: Pages = self.request.app.state.pages
        text = pages.page(
            template,
            locale=self.viewer.locale,
            reader=reader(
                self.request,
                name=self.viewer.name,
                company=self.company,
                csrf=self.csrf,
                may=self.viewer.permissions,
                is_supplier=self.viewer.is_supplier,
            ),
            section=section,
            viewer=self.viewer,
            today=self.today,
            **values,
        )
        return html(self.request, text, status, headers)


async def asking(
    request: PageRequest, *, needs: str | None = None, is_own: bool = False, as_themselves: bool = False
) -> Asked:
    """Who asks; refused without the permission, signed out when their sessions were ended.

    `is_own`: the page is a person's alone, whoever else looks as them. `as_themselves`: whoever impersonates somebody
    asks for it as the person they are.
    """
    session = session_of(request) or await recognise(request)
    async with request.app.state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        key = people.NO_SESSION if as_themselves else session.key
        found = await people.asker(conn, session.person_id, key, utc_now())
        if found is None or found.epoch != session.epoch:
            raise SignedOut
        viewer = found.viewer
        if not as_themselves:
            names = Names(viewer.email or "", viewer.account)
            await admit(request, conn, found.behind, names, Wish(needs, is_own))
    if needs is not None:
        viewer.need(needs)
    return Asked(request, viewer, found.company)


def lines_of(form: Mapping[str, Any], prefix: str) -> dict[int, str]:
    """What was typed per line: inputs are named `<prefix>-<line>`, and an empty one names nothing."""
    start = f"{prefix}-"
    typed = {
        name.removeprefix(start): str(value).strip() for name, value in form.items() if name.startswith(start)
    }
    return {int(line): value for line, value in typed.items() if value and line.isascii() and line.isdigit()}
