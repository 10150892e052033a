"""XML as it is written here: elements that are made of their parts, and are not there when there is nothing in them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 cannot hold, not even escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Element:
    """`name` with its prefix; either text or other elements are in it."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Element", ...]


Content = str | Element | None | Iterable[Element | None]


def x(name: str, *content: Content, **attributes: str) -> Element | None:
    """`x("ram:ID", "4711")`. What has nothing in it is None and is left out of what holds it, as the rules want it."""
    text, children = "", list[Element]()
    for part in content:
        if isinstance(part, str):
            text = written(part)
        elif isinstance(part, Element):
            children.append(part)
        elif part is not None:
            children.extend(child for child in part if child is not None)
    return Element(name, attributes, text, tuple(children)) if text or children else None


def document(name: str, namespaces: Mapping[str, str], *content: Content) -> bytes:
    """The whole document; the same parts give the same bytes. The namespace of the prefix "" needs none."""
    declared = {f"xmlns:{prefix}".rstrip(":"): uri for prefix, uri in namespaces.items()}
    root = x(name, *content, **declared)
    assert root is not None
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_serial(root))).encode()


def _serial(element: Element, depth: int = 0) -> Iterator[str]:
    """A line for each element without others in it."""
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    yield f"{' ' * depth}<{element.name}{attributes}>"
    if element.children:
        yield "\n"
        for child in element.children:
            yield from _serial(child, depth + 1)
        yield " " * depth
    yield f"{escape(element.text)}</{element.name}>\n"


def written(text: str) -> str:
    """Without what XML cannot hold, and without blanks around it."""
    return FORBIDDEN.sub("", text).strip()


def plain(number: Decimal) -> str:
    """Without an exponent and without zeros at the end: quantities, prices, rates."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
