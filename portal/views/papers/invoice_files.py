"""An invoice or a credit note as the HTML that is printed."""

from portal.domain.invoices import Document
from portal.pages import Pages
from portal.views.papers.business import spoken
from portal.views.papers.invoices import invoice_paper

TEMPLATE = "pdf/invoice.html"


def html_of(document: Document, pages: Pages) -> str:
    """A whole document in the language, or in both, that its account has its papers in."""
    first, second = spoken(document)
    tongue, also = pages.tongue(first), pages.tongue(second) if second else None
    paper = invoice_paper(document, tongue, also)
    return str(pages.fragment(TEMPLATE, locale=tongue.code, paper=paper))
