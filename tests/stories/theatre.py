"""Play stories as a watcher without script does: the page's own forms, one after the other."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import httpx

from portal.db import plays
from portal.db.plays import Play
from portal.db.pool import open_pool
from portal.stories.story import Step, Story
from tests.portals import Portal
from tests.routes.cast import PASSWORD, PETRA, Guest, guest
from tests.scenarios.driver import World
from tests.scenarios.telling import notice

# The evening before every story begins: none of them is moved by a week.
THE_EVE = "2026-11-17T18:00:00Z"


@dataclass
class Theatre:
    """A portal with Petra of Nordwind, who watches."""

    portal: Portal
    petra: Guest

    def latest(self, story: Story) -> Play:
        """The newest playing, as the database has it."""

        async def read() -> Play | None:
            async with await open_pool(self.portal.database_url, size=1) as pool, pool.acquire() as conn:
                return await plays.latest(conn, story.name)  # type: ignore[arg-type]

        found = asyncio.run(read())
        assert found is not None
        return found

    def page(self, story: Story) -> str:
        answer = self.petra.client.get(f"/demo/{story.name}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, form: tuple[str, dict[str, str]]) -> httpx.Response:
        action, inputs = form
        return self.petra.client.post(action, data=inputs)

    def next(self, story: Story) -> Play:
        """Press the page's first button: it begins, or takes the next step."""
        answer = self.send(form_of(self.page(story)))
        assert answer.status_code == 303, answer.text
        return self.latest(story)

    def start_over(self, story: Story) -> Play:
        answer = self.send(form_of(self.page(story), "plays"))
        assert answer.status_code == 303, answer.text
        return self.latest(story)


def form_of(page: str, where: str = r"\w+") -> tuple[str, dict[str, str]]:
    """Where the form goes and what it sends. Without a `where` it is the one that takes the next step."""
    marked = " data-step" if where == r"\w+" else "(?: data-step)?"
    found = re.search(
        rf'<form method="post" action="(/demo/(?:[\w-]+/)?{where})"{marked}>(.*?)</form>', page, re.DOTALL
    )
    assert found is not None, "there is no such form"
    return found[1], dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[2]))


def open_the_doors(portal: Portal) -> Theatre:
    world = World(portal, now=THE_EVE)
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    petra = {"name": "Petra Vogt", "roles": ["buyer"], "password": PASSWORD}
    world.put(f"accounts/NORDWIND/users/{PETRA}", petra)
    somebody = guest(portal)
    assert somebody.sign_in(PETRA).status_code == 303
    return Theatre(portal, somebody)


def world_of(theatre: Theatre, play: Play) -> World:
    """The world of one playing, for claims that read it through the API."""
    return World(theatre.portal, tag=play.tag, now=None)


def see(world: World, step: Step, play: Play) -> None:
    """Take notice of what the player has done."""
    notice(world, step, play.known)
