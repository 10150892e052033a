"""The order page: its fragments are its nodes, and it says of each portion what the order says."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from portal.domain.orders import Portion
from portal.pages import Pages
from portal.routes.live import message
from portal.views.order.wanted import VIEWS
from tests.templates import examples
from tests.templates.conftest import Shown

Show = Callable[..., Shown]
VOID = {"meta", "link", "input", "col", "br", "path", "rect", "circle"}


class Outline(HTMLParser):
    """Ids, links and balance of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.styles = 0
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.ids += [value or ""] if name == "id" else []
            self.anchors += [value[1:]] if name == "href" and value and value.startswith("#") else []
            self.styles += name == "style"
            self.handlers += [name] if name.startswith("on") else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_each_fragment_is_its_node_in_the_page(show: Show, view: str, locale: str) -> None:
    shown = show(view=view, locale=locale)
    for name, html in shown.drawn.nodes.items():
        assert f'id="{name}"' in html.split(">")[0], f"{name} has another id"
        assert shown.page.count(html) == 1, f"{name} is not in the page as it is sent"
    assert str(shown.since) in shown.page


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_is_well_formed_and_its_links_lead_somewhere(show: Show, view: str) -> None:
    outline = Outline(show(view=view, opened=frozenset({"awaiting_supplier", "delivered"})).page)
    assert outline.crossed == []
    assert outline.open == []
    assert sorted(outline.ids) == sorted(set(outline.ids)), "an id stands twice"
    assert set(outline.anchors) <= set(outline.ids)
    assert outline.styles == 0, "the content policy allows no style in the page"
    assert outline.handlers == []


@pytest.mark.parametrize("view", VIEWS)
def test_every_piece_of_every_line_is_told_once(show: Show, view: str) -> None:
    """Whatever the arrangement, the quantities in it add up to what was ordered."""
    drawn = show(view=view, everything=True).drawn
    told: dict[int, Decimal] = {}
    for name, html in drawn.blocks.items():
        if found := re.match(r"line-(\d+)", name):
            quantity = re.search(r'class="qty"><b>([\d,.]+)</b>', html)
            assert quantity is not None
            line = int(found[1])
            told[line] = told.get(line, Decimal(0)) + Decimal(quantity[1].replace(",", ""))
    assert told == {line.line: line.quantity for line in drawn.order.lines}


def test_groups_go_from_what_hurts_to_what_is_done(show: Show) -> None:
    groups = [name for name in show(view="status").drawn.blocks if name.startswith("g-")]
    assert groups == [
        "g-held",
        "g-backordered",
        "g-reserved_elsewhere",
        "g-awaiting_supplier",
        "g-ready",
        "g-shipped",
        "g-delivered",
    ]


def test_folded_lines_are_counted_and_can_be_opened(show: Show) -> None:
    folded = show(view="status").drawn.blocks["rest-awaiting_supplier"]
    assert "3 more: lines 21, 27, 34" in folded
    assert "open=awaiting_supplier#g-awaiting_supplier" in folded
    opened = show(view="status", opened=frozenset({"awaiting_supplier"})).drawn.blocks
    assert "rest-awaiting_supplier" not in opened
    assert "line-34" in opened


def test_a_moved_date_shows_old_and_new_until_it_is_read(show: Show) -> None:
    line = show(view="line", read=(5, examples.at(18, 12))).drawn.blocks["line-7"]
    assert re.search(r"<del>.*25 Nov.*</del><ins>.*30 Nov.*</ins>", line)
    assert "<del>" not in show(view="line", read=(6, examples.at(18, 15))).drawn.blocks["line-7"]


def test_readers_who_see_the_same_share_what_is_drawn(show: Show) -> None:
    one = show(read=(2, examples.at(12, 12))).drawn
    other = show(read=(5, examples.at(18, 12))).drawn
    assert one.nodes == other.nodes


def test_a_date_moved_twice_is_told_from_the_first_to_the_last(show: Show) -> None:
    once = examples.SLIPPED
    again = replace(
        once, version=7, old_ships_on=once.new_ships_on, old_arrives_on=once.new_arrives_on,
        new_ships_on=examples.date(2026, 12, 1), new_arrives_on=examples.date(2026, 12, 3),
    )  # fmt: skip
    portion = replace(examples.late(60), ships_on=again.new_ships_on, arrives_on=again.new_arrives_on)
    line = replace(examples.line(1, "A", "A", "1.00", portion), moves=(once, again))
    html = show(examples.order([line])).drawn.blocks["line-1"]
    assert re.search(r"<del>.*25 Nov.*</del><ins>.*3 Dec.*</ins>", html)


@pytest.mark.parametrize(
    ("portion", "words"),
    [
        (examples.held(5), "not while held"),
        (examples.reserved(5), "no date yet"),
        (examples.cancelled(5), "never"),
        (examples.backordered(5, 3, 10), "not confirmed"),
    ],
)
def test_no_date_is_said_in_words(show: Show, portion: Portion, words: str) -> None:
    html = show(examples.order([examples.line(1, "A", "A", "1.00", portion)])).drawn.blocks["line-1"]
    assert words in html


def test_only_what_is_not_here_yet(show: Show) -> None:
    blocks = show(view="line", only_open=True).drawn.blocks
    assert "line-1" not in blocks
    assert "line-8" in blocks, "10 of it are on the road"


def test_a_filter_that_fits_nothing_says_how_to_see_everything(show: Show) -> None:
    told = examples.order([examples.line(1, "A", "A", "1.00", examples.delivered(5))])
    assert "No line fits this filter" in show(told, status="held").drawn.blocks["no-lines"]


def test_what_a_buyer_typed_never_becomes_markup(show: Show) -> None:
    line = examples.line(1, "<b>SKU</b>", '"><script>alert(1)</script>', "1.00", examples.late(3))
    page = show(examples.order([line], purchase_order_number="<img src=x>")).page
    assert "<script>alert" not in page
    assert "<b>SKU" not in page
    assert "<img" not in page


def test_a_tracking_address_that_is_no_web_address_is_no_link(show: Show) -> None:
    shipments = examples.shipments(examples.lines())
    package = replace(shipments[1].packages[0], tracking_url="javascript:alert(1)")
    page = show(examples.order(shipments=(replace(shipments[1], packages=(package,)),))).page
    assert "javascript:" not in page


def test_the_supplier_sees_whose_order_it_is(show: Show) -> None:
    assert "(NORDWIND)" in show(for_supplier=True).page
    assert "(NORDWIND)" not in show().page


def test_a_long_order_draws_its_first_lines_and_says_where_the_others_are(show: Show) -> None:
    shown = show(examples.long_order(2000), view="line")
    lines = [name for name in shown.drawn.blocks if name.startswith("line-")]
    assert len(lines) == 200
    assert "1,800 more: lines 201 … 2000" in shown.drawn.blocks["rest-lines"]


class TestMessages:
    """What the stream sends from one version to the next."""

    def test_only_what_differs_is_sent(self, show: Show) -> None:
        before = show(view="line").drawn
        lines = [
            replace(line, portions=(examples.shipped(16),)) if line.line == 33 else line
            for line in examples.lines()
        ]
        after = show(examples.order(lines, version=8), view="line").drawn
        sent = message(before, after, "Line 33: 16 shipped.").decode()
        targets = re.findall(r'hx-target="#([\w-]+)"', sent)
        assert "line-33" in targets
        assert "news" in targets
        assert not {"line-1", "line-6", "arrangement"} & set(targets)
        assert sent.startswith("id: 8\n")
        assert sent.endswith("\n\n")
        assert all(row.startswith(("id: ", "data: ")) for row in sent.strip().split("\n"))

    def test_a_line_that_changes_group_brings_the_new_order_of_the_table(self, show: Show) -> None:
        before = show(view="status").drawn
        lines = [
            replace(line, portions=(examples.shipped(16),)) if line.line == 33 else line
            for line in examples.lines()
        ]
        after = show(examples.order(lines, version=8), view="status").drawn
        sent = message(before, after, "").decode()
        assert f'data-ids="{" ".join(after.blocks)}"' in sent

    def test_a_client_with_an_unknown_version_gets_everything(self, show: Show) -> None:
        after = show().drawn
        targets = re.findall(r'hx-target="#([\w-]+)"', message(None, after, "").decode())
        assert set(targets) == {*after.nodes, "arrangement"}


def test_every_page_speaks_german(show: Show, pages: Pages) -> None:
    page = show(locale="de").page
    for english in ("Lines", "Not here yet", "Awaiting supplier", "Timeline", "Mark read", "Sign out"):
        assert f">{english}<" not in page
    assert 'lang="de-DE"' in page
