"""Whoever asks for a page: their scope and permissions from one look into the database, and the frame around the page.

asked = await asking(request, needs="desk:read")
...
return asked.page("desk/show.html", section="desk", board=board)
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from litestar import Response

from portal.clock import utc_now
from portal.db import factors, people
from portal.db.scoped import Readers
from portal.db.work import Connection, Pool, Work
from portal.domain.access import Viewer
from portal.domain.proving import needs_proof
from portal.filters import Tongue
from portal.pages import Pages
from portal.routes import late
from portal.routes.answers import html
from portal.routes.impersonated import Names, Wish, admit
from portal.routes.proving import prove
from portal.routes.showing import holding
from portal.routes.subjects import find_subject
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
        """A connection to look things up with, outside of any unit of work. A buyer's shows nothing but what they may
        see, whatever is asked of it."""
        readers: Readers = self.request.app.state.readers
        async with readers.reading(self.viewer) as conn:
            yield conn

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """The same as of one instant, for what is read by several statements or by a cursor."""
        readers: Readers = self.request.app.state.readers
        async with readers.snapshot(self.viewer) as conn:
            yield conn

    @property
    def planning(self) -> Pool:
        """For plans of what would be: they look at what everybody waits for, and write nothing."""
        pool: Pool = self.request.app.state.pool
        return pool

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[Connection]:
        """A connection of the portal's own, for the few questions that a buyer's scope cannot answer: each use is
        listed in tests/scope/test_doors.py, with its reason."""
        async with self.request.app.state.pool.acquire() as acquired:
            yield cast("Connection", acquired)

    @asynccontextmanager
    async def looking_back(self) -> AsyncIterator[Connection]:
        """The same for lists, history, figures and files: they may be a few seconds old, but for what this person has
        done themselves."""
        async with late.reading(self.request, self.viewer) as conn:
            yield conn

    def within(self, *, supplier: str, buyer: str) -> "Asked":
        """The same where either side needs a permission of its own."""
        return replace(self, viewer=self.viewer.within(supplier if self.viewer.is_supplier else buyer))

    async def prove(self) -> Response[Any] | None:
        """None when they have proved within ten minutes who they are, as strongly as they can; else the way there, to
        be answered instead. What they sent is kept and goes on afterwards."""
        return await prove(self.request, self.viewer)

    async def prove_above(self, amounts: Iterable[tuple[str, Decimal, str]]) -> Response[Any] | None:
        """The same, if one of these (account, sum, currency) is above what the account lets anybody decide without."""
        wanted = list(amounts)
        # What an account above says holds here too, whether they see that account or not.
        async with holding(self.request) as conn:
            limits = await factors.limits(conn, [account for account, _, _ in wanted])
        is_needed = any(
            needs_proof(total, currency, limits.get(account, ())) for account, total, currency in wanted
        )
        return await self.prove() if is_needed else None

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
    """Who asks; refused without the permission, signed out when their sessions were ended. A buyer sees on the page
    that needs it only what is of accounts for which they hold it.

    `is_own`: the page is a person's alone, whoever else looks as them. `as_themselves`: whoever impersonates somebody
    asks for it as the person they are.
    """
    session = session_of(request) or await recognise(request)
    async with request.app.state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        found = await people.asker(
            conn, session.person_id, session.key, utc_now(), as_themselves=as_themselves
        )
        if found is None or found.epoch != session.epoch:
            raise SignedOut
        viewer = found.viewer
        if not as_themselves:
            names = Names(viewer.email or "", viewer.account)
            await admit(request, conn, found.behind, names, Wish(needs, is_own))
    if needs is not None:
        viewer = viewer.within(needs)
    await find_subject(request, viewer)
    return Asked(request, viewer, found.company)


def lines_of(form: Mapping[str, Any], prefix: str) -> dict[int, str]:
    """What was typed per line: inputs are named `<prefix>-<line>`, and an empty one names nothing."""
    start = f"{prefix}-"
    typed = {
        name.removeprefix(start): str(value).strip() for name, value in form.items() if name.startswith(start)
    }
    return {int(line): value for line, value in typed.items() if value and line.isascii() and line.isdigit()}
