"""A PDF read back: its words, its fonts, and what a scanner sees on it."""

from io import BytesIO

import pypdfium2
import zxingcpp
from pypdf import PdfReader


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf))


def pages(pdf: bytes) -> list[str]:
    """The words of each page, with single spaces between them."""
    return [" ".join(page.extract_text().split()) for page in reader(pdf).pages]


def words(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def fonts(pdf: bytes) -> set[str]:
    """The names of all fonts, without the tag of the subset; each must be embedded."""
    found = set()
    for page in reader(pdf).pages:
        for reference in page["/Resources"]["/Font"].values():  # type: ignore[index]
            font = reference.get_object()
            descendant = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = descendant["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & descriptor.keys(), f"{font} is not embedded"
            found.add(str(font["/BaseFont"]).partition("+")[2])
    return found


def scanned(pdf: bytes, page: int = 0, dpi: int = 150) -> list[str]:
    """What the codes on a page say, as a hand scanner sees them at so many dots per inch, from top to bottom."""
    return [text for _, text in codes(pdf, page, dpi)]


def codes(pdf: bytes, page: int = 0, dpi: int = 150) -> list[tuple[str, str]]:
    """(kind, text) of the codes on a page, as `("Code128", "SH-2026-000631")`."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[page].render(scale=dpi / 72).to_pil().convert("L")
    finally:
        document.close()
    found = zxingcpp.read_barcodes(image)
    return [
        (code.format.name, code.text) for code in sorted(found, key=lambda code: code.position.top_left.y)
    ]


def drawn(pdf: bytes, page: int = 0) -> list[tuple[float, float, float, float]]:
    """The boxes (left, bottom, right, top) of everything that is drawn on a page, in millimetres."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            tuple(side / 72 * 25.4 for side in thing.get_bounds()) for thing in document[page].get_objects()
        ]
    finally:
        document.close()
