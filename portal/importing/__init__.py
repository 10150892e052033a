"""Take over orders that another system has kept in a file."""

from portal.importing.progress import Bar
from portal.importing.reading import BadFile, CannotImport
from portal.importing.report import Report
from portal.importing.running import NotReady, import_orders

__all__ = ["BadFile", "Bar", "CannotImport", "NotReady", "Report", "import_orders"]
