"""A refusal is told in the reader's language, by the very words that operations say."""

import ast
import re
from pathlib import Path

import portal
from portal.filters import tongue
from portal.refused import SAID, refusal_words

PORTAL = Path(portal.__file__).parent


def _spoken() -> set[str]:
    """What operations and rules say, what is filled in left open."""
    found = set()
    for file in [*(PORTAL / "operations").glob("*.py"), *(PORTAL / "domain").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.JoinedStr(values=values):
                    found.add(
                        "".join(
                            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values
                        )
                    )
                case ast.Constant(value=str(text)):
                    found.add(text)
    return found


def test_each_is_what_an_operation_says() -> None:
    spoken = _spoken()
    assert [said for said in SAID if re.sub(r"\{\w+\}", "{}", said) not in spoken] == []


def test_what_is_filled_in_stays_as_it_is() -> None:
    said = "x@y.example is shut out of the portal. Let them in again first."

    assert refusal_words(said, tongue("en", "Europe/London")) == said
    german = refusal_words(said, tongue("de", "Europe/London"))
    assert german != said
    assert german.startswith("x@y.example ")


def test_what_nobody_knows_is_told_as_it_is() -> None:
    assert refusal_words("{nothing} of ours", tongue("de", "Europe/London")) == "{nothing} of ours"
    assert refusal_words("", tongue("de", "Europe/London")) == ""
