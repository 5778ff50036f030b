"""Reads an organisation file, or the same thing sent as JSON, whole or not at all."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .check import check_parties_and_people
from .check_purposes import check_purposes
from .check_signals import check_signals
from .check_sites import check_sites
from .check_surfaces import check_surfaces
from .errors import DocumentError, DocumentInvalid
from .model import OrganisationDocument
from .reading import Reading
from .source import Node, tree_from_json


def load_document(
    text: str, *, name: str, variables: Mapping[str, str] | None = None
) -> OrganisationDocument:
    """Read an organisation file, or raise `DocumentInvalid` naming every mistake and line."""
    # A server reads none: what reads YAML is taken up by who does.
    from .yaml_tree import tree_from_yaml  # noqa: PLC0415

    try:
        root, mistakes = tree_from_yaml(text)
        return _document(root, mistakes, variables or {})
    except DocumentInvalid as error:
        raise DocumentInvalid(error.errors, name=name) from None


def parse_document(
    value: Mapping[str, Any], *, variables: Mapping[str, str] | None = None
) -> OrganisationDocument:
    """Read the same thing given as JSON; its mistakes are named by pointer."""
    return _document(tree_from_json(value), [], variables or {})


def _document(
    root: Node, mistakes: list[DocumentError], variables: Mapping[str, str]
) -> OrganisationDocument:
    reading = Reading(root, variables)
    document = reading.read(OrganisationDocument, root)
    check_parties_and_people(reading)
    check_purposes(reading)
    check_sites(reading)
    check_surfaces(reading)
    check_signals(reading)
    errors = [*mistakes, *reading.errors]
    if errors or not isinstance(document, OrganisationDocument):
        raise DocumentInvalid(errors)
    return _completed(document)


def _completed(document: OrganisationDocument) -> OrganisationDocument:
    purposes = tuple(
        replace(purpose, family=purpose.family or purpose.slug) for purpose in document.purposes
    )
    return replace(document, purposes=purposes)
