"""What stands on the pages of figures, read as a person would: names, figures, counts, and where counts lead to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import httpx


@dataclass(frozen=True)
class Count:
    """`told` is how it is written; `number` is 0 for what is no count."""

    number: int
    share: str
    href: str | None
    told: str = ""


@dataclass(frozen=True)
class Figure:
    """`heads`: (figure, counts) by name; `rows`: counts by name."""

    heads: dict[str, tuple[str, str]]
    rows: dict[str, list[Count]]

    def numbers(self) -> dict[str, list[int]]:
        """The rows that have anything."""
        told = {name: [count.number for count in counts] for name, counts in self.rows.items()}
        return {name: numbers for name, numbers in told.items() if any(numbers)}


def figures(page: str) -> dict[str, Figure]:
    """By the id of their heading."""
    sections = re.findall(
        r'<section class="figure sheet" aria-labelledby="(\w+)">(.*?)</section>', page, re.DOTALL
    )
    assert [name for name, _ in sections] == ["partial", "dispatch", "filled", "promises", "latency"]
    return {name: Figure(dict(_heads(section)), dict(_rows(section))) for name, section in sections}


def _heads(section: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, told in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", section, re.DOTALL):
        figure, _, counts = told.rpartition("</b>")
        yield text(name), (text(figure), text(counts))


def _rows(section: str) -> Iterator[tuple[str, list[Count]]]:
    for name, cells in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', section, re.DOTALL):
        yield (
            text(name),
            [_count(cell) for cell in re.findall(r'<td class="num"[^>]*>(.*?)</td>', cells, re.DOTALL)],
        )


def _count(cell: str) -> Count:
    share = re.search(r"<small>(.*?)</small>", cell)
    href = re.search(r'href="(.*?)"', cell)
    number = text(re.sub(r"<small>.*?</small>", "", cell))
    digits = number.replace(",", "")
    return Count(
        int(digits) if digits.isdigit() else 0,
        share[1] if share else "",
        unescape(href[1]) if href else None,
        number,
    )


@dataclass(frozen=True)
class Listing:
    """`count` as it is told above the list; each row begins with the number of an order."""

    title: str
    count: str
    rows: list[tuple[str, ...]]


def listing(client: httpx.Client, href: str, most: int = 100) -> Listing:
    """The whole list behind a count, read page by page."""
    rows: list[tuple[str, ...]] = []
    following: str | None = href
    for _ in range(most):
        assert following is not None
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        page = answer.text
        body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
        found = re.findall(r"<tr>(.*?)</tr>", body[1] if body else "", re.DOTALL)
        rows += [tuple(map(text, re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL))) for row in found]
        more = re.search(r'<a class="btn" href="([^"]*)" rel="next">', page)
        following = unescape(more[1]) if more else None
        if following is None:
            break
    title, count = re.search(r"<h1>(.*?)</h1>", page), re.search(r'<p class="truth"><b>(.*?)</b>', page)
    assert title
    assert count
    return Listing(text(title[1]), text(count[1]), rows)


def text(html: str) -> str:
    """Without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
