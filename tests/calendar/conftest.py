"""The group of companies of the buyers' pages, and calendars as a calendar program reads them."""

import html
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import httpx
import icalendar

from tests.buyer.conftest import Group, group
from tests.routes.cast import Guest

__all__ = ["Group", "Subscribed", "group", "subscribe"]

PATH = "/settings/calendar"


@dataclass
class Subscribed:
    """A calendar at its secret address, read by somebody who is not signed in."""

    address: str

    def ask(self, **headers: str) -> httpx.Response:
        return httpx.get(self.address, headers=headers, trust_env=False)

    def entries(self) -> dict[str, icalendar.Event]:
        """By `order day`."""
        answer = self.ask()
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        calendar = icalendar.Calendar.from_ical(answer.content)
        assert not calendar.errors
        found = {f"{self.order(one)} {one.decoded('dtstart')}": one for one in calendar.walk("VEVENT")}
        assert len(found) == len(calendar.walk("VEVENT"))
        return found

    @staticmethod
    def order(entry: icalendar.Event) -> str:
        return urlsplit(str(entry["url"])).path.removeprefix("/orders/")

    @staticmethod
    def day(entry: icalendar.Event) -> date:
        found: date = entry.decoded("dtstart")
        return found


def field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def subscribe(guest: Guest, **said: str) -> Subscribed:
    """Make a calendar on the page, as its form does."""
    text = guest.client.get(PATH).text
    form = {"_csrf": field(text, "_csrf"), "form": field(text, "form"), **said}
    answer = guest.client.post(PATH, data=form, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    shown = re.search(r'id="address" value="([^"]+)"', answer.text)
    assert shown is not None, answer.text
    return Subscribed(html.unescape(shown[1]))
