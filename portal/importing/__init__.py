"""Take over orders that another system has kept in a file."""

from portal.importing.reading import BadFile
from portal.importing.report import Report

__all__ = ["BadFile", "Report"]
