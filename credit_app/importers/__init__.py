"""Imports of customers, invoices and receipts from CSV and XLSX files, by declared mappings."""

from credit_app.importers.errors import FileRefused, MappingRefused
from credit_app.importers.importing import DECLARED, import_file
from credit_app.importers.mapping import Mapping, load_mapping, mappings
from credit_app.importers.report import ImportReport, Problem

__all__ = [
    "DECLARED",
    "FileRefused",
    "ImportReport",
    "Mapping",
    "MappingRefused",
    "Problem",
    "import_file",
    "load_mapping",
    "mappings",
]
