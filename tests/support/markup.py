"""Reads markup as a browser would: its elements, and the texts between them."""

from __future__ import annotations

from html.parser import HTMLParser


class Markup(HTMLParser):
    """The elements of a piece of markup with their attributes, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Give the attributes of each element of a kind."""
        return [given for name, given in self.elements if name == tag]

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """Give the elements and the names of their attributes, without any value."""
        return [(tag, sorted(given)) for tag, given in self.elements]
