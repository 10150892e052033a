"""docs/security.md tells the truth: no requirement is left out, each test that it names exists, each limit holds."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| ([\d.]+) \| (\d) \| ([a-z/]+) \| (.+?) \| (.*?) \|$", DOCUMENT, re.MULTILINE)
STATES = ("met", "n/a", "operator", "gap")


def test_every_requirement_of_both_levels_stands_there_once() -> None:
    lines = (Path(__file__).with_name("asvs.txt")).read_text().splitlines()[1:]
    assert [f"{number} {level}" for number, level, *_ in ROWS] == lines
    assert (sum(line.endswith(" 1") for line in lines), sum(line.endswith(" 2") for line in lines)) == (
        70,
        183,
    )


def test_each_says_how_and_what_is_met_says_which_test_shows_it() -> None:
    assert {state for _, _, state, _, _ in ROWS} <= set(STATES)
    silent = [
        number
        for number, _, state, how, tests in ROWS
        if state == "met" and not tests and number not in BY_LACK
    ]
    assert silent == []
    counted = ", ".join(f"{sum(one[2] == state for one in ROWS)} {state}" for state in STATES)
    assert f"Of {len(ROWS)}: {counted}." in DOCUMENT


# Shown by there being nothing.
BY_LACK = {"6.4.2"}


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for named in sorted(set(re.findall(r"`((?:tests|e2e)/[^`]+)`", DOCUMENT))):
        file, _, test = named.partition("::")
        path = ROOT / file
        if not path.exists() or (test and test not in _tests(path)):
            missing.append(named)
    assert missing == []


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`(portal/[\w/]+\.py|tools/\w+\.py)`", DOCUMENT))
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


LIMITS = re.findall(r"`(portal[\w.]+)\.([A-Z_]+)` = (\d+)", DOCUMENT)


@pytest.mark.parametrize(("module", "name", "said"), LIMITS, ids=[one[1] for one in LIMITS])
def test_every_limit_that_is_named_is_the_one_in_the_code(module: str, name: str, said: str) -> None:
    assert getattr(importlib.import_module(module), name) == int(said)


def test_figures_are_called_as_the_document_says() -> None:
    said = set(re.findall(r"`(portal_\w+?)_?\*?[`{]", (ROOT / "docs" / "observing.md").read_text()))
    made = "".join(path.read_text() for path in (ROOT / "portal").rglob("*.py"))
    assert {one for one in said if f'"{one.removesuffix("_total")}' not in made} == set()
    here = (ROOT / "portal" / "figures.py").read_text()
    assert {one for one in re.findall(r'"(portal_\w+)"', here) if one not in said} == set()
