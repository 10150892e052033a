"""Take over orders that another system has kept in a file."""

from portal.importing.progress import Bar
from portal.importing.reading import BadFile
from portal.importing.report import Report
from portal.importing.running import Busy, import_orders

__all__ = ["BadFile", "Bar", "Busy", "Report", "import_orders"]
