"""The messages we send, by name: which values each one's words may name.

Words are in `words/`, under `<name>_subject`, `<name>_text`, `<name>_button`. A paragraph
that is nothing but a value of several, or a link, becomes a list, or a button with its
address below.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..web import load_words

WORDS: Final = load_words(Path(__file__).parent)
# Every message may name them: they come from what the organisation declares of itself.
COMMON: Final = frozenset({"organisation", "legal_name"})
PARTS: Final = ("subject", "text", "button")


@dataclass(frozen=True, kw_only=True)
class Template:
    """A message: the values it is given, and which of them its words must not leave out."""

    name: str
    values: frozenset[str]
    needed: frozenset[str] = frozenset()


def _template(name: str, *values: str, needed: tuple[str, ...] = ("link",)) -> Template:
    return Template(name=name, values=frozenset(values), needed=frozenset(needed))


TEMPLATES: Final = {
    each.name: each
    for each in (
        # Double opt-in: what was asked for, where, and the link to the page with the button.
        _template("confirm", "place", "purposes", "link", "until"),
        # To staff: a receiver of webhooks is told nothing more.
        _template("webhook_gone", "receiver", "webhook", needed=("webhook",)),
        _template("webhook_exhausted", "receiver", "webhook", needed=("webhook",)),
        # An operator's own trial.
        _template("test", needed=()),
        # The way into the preference centre, asked for on a page.
        _template("preferences", "link", "until"),
        # The same, for somebody who is about to allow something: it is really her.
        _template("prove", "link", "minutes"),
    )
}
