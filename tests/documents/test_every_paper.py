"""What holds of every paper of the warehouse: for screen readers, and in a style sheet without an unknown word."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from portal.views.papers.codes import code
from tests.documents.conforming import ACCESSIBLE, Validator
from tests.documents.conftest import Printed
from tests.documents.reading import fonts, reader
from tests.documents.test_paper import structure
from tests.templates import examples


@pytest.fixture(params=["picked", "packed", "labelled"])
def made(request: pytest.FixtureRequest) -> Callable[[], bytes]:
    printing: Printed = request.getfixturevalue(request.param)
    what = {"picked": ("LEI",), "packed": ("SH-2026-000631",), "labelled": ("SH-2026-000631",)}
    return lambda: printing(examples.order(), *what[request.param])


def test_a_validator_that_others_wrote_agrees(made: Callable[[], bytes], validator: Validator) -> None:
    assert validator.broken(made(), ACCESSIBLE) == []


def test_it_agrees_with_the_delivery_note_too(printed: Printed, validator: Validator) -> None:
    assert validator.broken(printed(), ACCESSIBLE) == []


def test_it_is_made_for_screen_readers(made: Callable[[], bytes]) -> None:
    """PDF/UA-1: tagged, titled, in a language, and each picture says what it is."""
    pdf = reader(made())
    root: Any = pdf.trailer["/Root"]

    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None
    assert pdf.metadata.title
    assert pdf.metadata.author == "Harrow & Pike"
    tags = structure(root["/StructTreeRoot"].get_object())
    pictures = [str(tag["/Alt"]) for tag in tags if tag.get("/S") == "/Figure"]
    assert len(pictures) > 1
    assert all(pictures)
    assert "/H1" in {str(tag["/S"]) for tag in tags if "/S" in tag}


def test_all_fonts_are_ours(made: Callable[[], bytes]) -> None:
    assert all(name.startswith("Portal-Inter") for name in fonts(made()))


def test_its_style_sheet_is_understood_to_the_last_word(
    pages: Any, caplog: pytest.LogCaptureFixture, made: Callable[[], bytes], press: Any
) -> None:
    press.cache_clear()
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        made()

    assert caplog.messages == []


def test_what_somebody_named_ends_no_picture() -> None:
    for text in ("</title><script>", "Ü</title>"):
        drawn = code(text, text, width=90, height=10)
        assert "<script>" not in drawn
        assert drawn.count("</title>") == 1
