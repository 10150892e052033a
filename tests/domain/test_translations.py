"""German says all that English says."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.dates import format_skeleton
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

import portal.domain
from portal.domain.because import Told, sentence
from portal.domain.words import Words, amount, unit_name
from tests.domain.situations import TODAY, november

DOMAIN = Path(portal.domain.__file__).parent
SPEAKING = ("because.py", "words.py")
TRANSLATIONS = DOMAIN.parent / "translations"


def catalogue(code: str) -> Catalog:
    with (TRANSLATIONS / code / "LC_MESSAGES" / "portal.po").open("rb") as file:
        return read_po(file, locale=code)


@pytest.fixture(scope="module")
def german() -> Words:
    compiled = BytesIO()
    write_mo(compiled, catalogue("de"))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    return Words(
        gettext=translations.gettext,
        ngettext=translations.ngettext,
        day=lambda day: format_skeleton("MMMd" if day.year == TODAY.year else "yMMMd", day, locale="de"),
        quantity=lambda quantity: format_decimal(quantity, locale="de"),
        today=TODAY,
    )


def spoken() -> Iterator[tuple[str, ...]]:
    """The English that the sentence of a portion is made of, each phrase with its plural if it has one.

    Read from the syntax tree, because the collector of Babel overlooks calls inside f-strings.
    """
    for file in SPEAKING:
        for node in ast.walk(ast.parse((DOMAIN / file).read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="gettext" | "ngettext"), args=args):
                    yield tuple(str(part.value) for part in args if isinstance(part, ast.Constant))


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("code", ["de", "en"])
def test_all_that_a_portion_says_stands_in_the_catalogue(code: str) -> None:
    known = {message.id if isinstance(message.id, tuple) else (message.id,) for message in catalogue(code)}

    assert len(known) >= 60
    assert {english for english in spoken() if english not in known} == set()


def test_all_that_a_portion_says_has_its_german() -> None:
    german = catalogue("de")
    missing = [english for english in spoken() if not all(_strings(german, english))]

    assert missing == []


def test_english_is_what_the_code_says() -> None:
    """Its catalogue only lists the texts: what stands beside one there would be shown instead of it."""
    said = {message.id: message.string for message in catalogue("en") if message.id}
    assert {text: other for text, other in said.items() if "".join(other)} == {}


def test_german_fills_in_the_same_figures_as_english() -> None:
    german = catalogue("de")

    for english in spoken():
        allowed = set().union(*map(placeholders, english))
        for string in _strings(german, english):
            assert placeholders(string) <= allowed, string
        assert placeholders(_strings(german, english)[-1]) == placeholders(english[-1])


def _strings(catalog: Catalog, english: tuple[str, ...]) -> tuple[str, ...]:
    message = catalog.get(english[0])
    assert message is not None
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_a_portion_is_told_in_german(german: Words) -> None:
    told = Told(
        Decimal(180),
        "C62",
        "awaiting_supplier",
        location_name="Main",
        city="Leeds",
        ships_on=november(27),
        arrives_on=november(30),
        because=[
            {
                "fact": "inbound",
                "reference": "4711",
                "supplier": "Acme",
                "expected_on": "2026-11-25",
                "confirmed": True,
            }
        ],
    )

    assert sentence(told, german) == (
        "180 warten auf die Lieferantenbestellung 4711 bei Acme, bestätigt für den 25. Nov.;"
        " Versand am 27. Nov., Ankunft in Leeds am 30. Nov."
    )


def test_german_counts_in_its_own_way(german: Words) -> None:
    held = [{"fact": "hold", "reason": "finance", "lifted_by": "finance"}]
    told = Told(Decimal("1200.5"), "KGM", "held", held_from="packed", location_name="Main", because=held)

    assert sentence(told, german) == (
        "1.200,5 kg sind gesperrt wegen einer offenen Entscheidung der Finanzabteilung;"
        " unsere Finanzabteilung kann die Sperre aufheben."
        " Der Bestand in Main bleibt dafür zugeteilt; kein Termin, bis die Sperre aufgehoben ist."
    )
    assert sentence(
        Told(Decimal(1), "C62", "delivered", city="Bremen", delivered_on=date(2025, 1, 4)), german
    ) == ("1 wurde am 4. Jan. 2025 in Bremen zugestellt.")


@pytest.mark.parametrize(
    ("unit", "one", "many"),
    [
        ("C62", "Stück", "Stück"),
        ("H87", "Stück", "Stück"),
        ("PR", "Paar", "Paar"),
        ("SET", "Satz", "Sätze"),
        ("DZN", "Dutzend", "Dutzend"),
        ("XBX", "Kiste", "Kisten"),
        ("XPK", "Packung", "Packungen"),
        ("XCT", "Karton", "Kartons"),
        ("XPX", "Palette", "Paletten"),
        ("XRO", "Rolle", "Rollen"),
        ("HUR", "Stunde", "Stunden"),
        ("DAY", "Tag", "Tage"),
        ("KGM", "kg", "kg"),
        ("MTQ", "m³", "m³"),
        ("ZZ9", "ZZ9", "ZZ9"),
    ],
)
def test_units_have_names_in_german(german: Words, unit: str, one: str, many: str) -> None:
    assert unit_name(unit, Decimal(1), german) == one
    assert unit_name(unit, Decimal("0.5"), german) == many


def test_an_amount_of_pieces_is_the_plain_number(german: Words) -> None:
    assert amount(Decimal(600), "C62", german) == "600"
    assert amount(Decimal(2), "PR", german) == "2 Paar"
