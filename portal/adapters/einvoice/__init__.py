"""Invoices and credit notes for machines: EN 16931 as CII (inside the PDF, and alone) and as UBL."""

from portal.adapters.einvoice.cii import cii
from portal.adapters.einvoice.terms import Profile, Terms
from portal.adapters.einvoice.ubl import ubl
from portal.domain.invoices import Document

__all__ = ["Profile", "cii", "lacks", "profile", "ubl"]


def profile(document: Document) -> Profile:
    """Of the CII inside the PDF; `none` where no valid XML can be made, and `cii` and `ubl` must not be called."""
    return Terms(document).profile


def lacks(document: Document) -> list[str]:
    """Why its profile is `none`, in sentences for the supplier's people."""
    return Terms(document).lacks
