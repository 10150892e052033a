"""What a browser says of itself, read as a person would name it: Chrome on Windows."""

import re
from typing import Final

# The first that is named counts: those built on another name that one, too.
BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Opera", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python-httpx", "Python"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
POCKET: Final = frozenset({"iPhone", "iPad", "Android"})


def browser(agent: str) -> str:
    """Empty when it is none that people know."""
    return _first(BROWSERS, agent)


def system(agent: str) -> str:
    return _first(SYSTEMS, agent)


def is_pocket(agent: str) -> bool:
    """Whether it is carried around."""
    return system(agent) in POCKET


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for word, name in known if re.search(rf"\b{re.escape(word)}", agent)), "")
