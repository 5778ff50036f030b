"""How commands name a person: the kind of an identifier is guessed if it is not said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..problems import Unprocessable
from .identifiers import KINDS, Identified, Kind, NotAnIdentifier, guess_kind, identify
from .read import region_of

if TYPE_CHECKING:
    from ..notices.values import Configuration

kind_option = click.option(
    "--kind", type=click.Choice(KINDS), help="What the identifier is; guessed if not said."
)


def named(identifier: str, kind: str | None, configuration: Configuration) -> Identified:
    """Read an identifier given on the command line."""
    known: Kind = kind or guess_kind(identifier)  # type: ignore[assignment] # one of the options
    try:
        return identify(known, identifier, region=region_of(configuration))
    except NotAnIdentifier as error:
        raise Unprocessable(str(error)) from None
