"""The environment's variables by their kinds; what is wrong with any of them is gathered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


class Environment:
    """Variables as they are read; `faults` says in words what each must be."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.faults: list[str] = []

    def text(self, name: str, plain: str = "") -> str:
        """Give a variable, or what stands for one that is not set or empty."""
        return self._variables.get(name) or plain

    def words(self, name: str) -> list[str]:
        """Give what a variable names, separated by spaces or commas."""
        return self.text(name).replace(",", " ").split()

    def number(self, name: str, plain: int) -> int:
        """Give a whole number."""
        text = self.text(name, str(plain))
        if not text.isdecimal() or len(text) > 12:
            self.faults.append(f"{name} must be a whole number")
            return plain
        return int(text)

    def number_between(self, name: str, plain: int, least: int, most: int) -> int:
        """Give a whole number within bounds."""
        number = self.number(name, plain)
        if not least <= number <= most:
            self.faults.append(f"{name} must be from {least} to {most}")
        return number

    def switch(self, name: str) -> bool:
        """Give what is on unless it is turned off."""
        said = self.text(name, "on")
        if said not in {"on", "off"}:
            self.faults.append(f"{name} must be on or off")
        return said != "off"

    def pairs(self, name: str) -> frozenset[str]:
        """Give pairs of a host and a port."""
        pairs = frozenset(each.lower() for each in self.words(name))
        if not all(map(is_pair, pairs)):
            self.faults.append(f"{name} must be host:port pairs, separated by spaces")
        return pairs

    def secret(self, name: str) -> str:
        """Give what stands in the file that a variable names."""
        # A file, not a variable: the environment is inherited, and shown by many a tool.
        if not self.text(name):
            return ""
        path = Path(self.text(name))
        if not path.is_file():
            self.faults.append(f"{name} must name a file")
            return ""
        if path.stat().st_mode & 0o077:
            self.faults.append(f"{name}: others can read the file; chmod 600 it")
        text = path.read_text("utf-8", "replace").strip()
        if not text.isprintable() or not text:
            self.faults.append(f"{name}: the file holds no password, which is one line of text")
        return text


def is_pair(text: str) -> bool:
    """Tell whether a text is `host:port`."""
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal()


def is_address(text: str) -> bool:
    """Tell whether a text is an http or https address."""
    found = urlsplit(text)
    return found.scheme in {"http", "https"} and bool(found.hostname)
