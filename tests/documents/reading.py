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


def scanned(pdf: bytes) -> list[str]:
    """What the codes on the first page say, as a hand scanner sees them at 150 dots per inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[0].render(scale=150 / 72).to_pil().convert("L")
    finally:
        document.close()
    return [code.text for code in zxingcpp.read_barcodes(image)]
