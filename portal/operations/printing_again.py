"""Make the files of an invoice after all, when what stood in the way is gone."""

from portal.db import documents
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict


async def print_again(work: Work, viewer: Viewer, number: str) -> None:
    """What was given up waits for a worker once more."""
    viewer.need("invoices:write")
    if not await documents.again(work.conn, number):
        raise Conflict(f"The files of {number} are made already, or are being made.")
