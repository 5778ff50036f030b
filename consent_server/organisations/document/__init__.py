"""The organisation file: read, checked, compared. Pure: no database, no web."""

from .banner import DEFAULT_BANNER
from .diff import Change, diff_documents, render_diff
from .errors import DocumentError, DocumentInvalid
from .load import load_document, parse_document
from .model import FORMAT, OrganisationDocument
from .periods import Duration, duration
from .plain import as_plain, document_as_json
from .source import MAX_CHARACTERS

__all__ = [
    "DEFAULT_BANNER",
    "FORMAT",
    "MAX_CHARACTERS",
    "Change",
    "DocumentError",
    "DocumentInvalid",
    "Duration",
    "OrganisationDocument",
    "as_plain",
    "diff_documents",
    "document_as_json",
    "duration",
    "load_document",
    "parse_document",
    "render_diff",
]
