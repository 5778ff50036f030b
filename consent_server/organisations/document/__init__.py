"""The organisation file: read, checked, compared. Pure: no database, no web."""

from .diff import Change, diff_documents, render_diff
from .errors import DocumentError, DocumentInvalid
from .load import load_document, parse_document
from .model import FORMAT, OrganisationDocument
from .periods import Duration, duration
from .plain import document_as_json

__all__ = [
    "FORMAT",
    "Change",
    "DocumentError",
    "DocumentInvalid",
    "Duration",
    "OrganisationDocument",
    "diff_documents",
    "document_as_json",
    "duration",
    "load_document",
    "parse_document",
    "render_diff",
]
