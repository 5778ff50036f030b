"""Notices: purposes, trackers, the words people are shown, their versions and floors."""

from .apply import Applied, apply_document, document_of
from .configuration import configuration, configuration_kept
from .drafts import NoticeRow, find_notice, notices, save_draft
from .publish import Preview, Published, preview, publish
from .values import Configuration, Purpose, VersionShown
from .versions import banner_of, current, history, owner_of, version

__all__ = [
    "Applied",
    "Configuration",
    "NoticeRow",
    "Preview",
    "Published",
    "Purpose",
    "VersionShown",
    "apply_document",
    "banner_of",
    "configuration",
    "configuration_kept",
    "current",
    "document_of",
    "find_notice",
    "history",
    "notices",
    "owner_of",
    "preview",
    "publish",
    "save_draft",
    "version",
]
