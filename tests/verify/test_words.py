"""Every finding can be said, in both languages, with the same facts in it."""

import ast
from pathlib import Path
from string import Formatter

import pytest

from consent_server import verify
from consent_server.verify import words
from consent_server.verify.verdict import Finding, Place, Sort

SOURCES = Path(verify.__file__).parent.glob("*.py")
SAYERS = {"Refused": 0, "Finding": 1, "add": 1, "say": 1}


def spoken(path: Path) -> set[str]:
    """Collect the codes that a module names when it finds, refuses or says something."""
    codes = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        at = SAYERS.get(name, len(node.args))
        if at < len(node.args):
            said = node.args[at]
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                codes.add(said.value)
    return codes


def facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_code_that_is_used_has_words() -> None:
    used = set().union(*(spoken(path) for path in SOURCES))
    assert len(used) > 30
    assert used <= words._WORDS.keys()


@pytest.mark.parametrize("code", sorted(words._WORDS))
def test_both_languages_say_the_same_facts(code: str) -> None:
    english, french = words._WORDS[code]
    assert facts(english) == facts(french)


def test_french_sets_no_break_spaces_before_its_colons() -> None:
    for _, french in words._WORDS.values():
        assert " :" not in french
        assert " ;" not in french
        assert "'" not in french


def test_demonstration_data_says_what_it_is() -> None:
    found = Finding(Sort.TOLD, "how", {"surface": "demo", "action": "save"})
    assert "nobody’s choice" in found.say("en")
    assert "choix de personne" in found.say("fr")


def test_a_place_is_named_in_both_languages() -> None:
    assert Place("entry", byte=3).say("en") == "entry, byte 3"
    assert Place("entry", line=3).say("fr") == "entry, ligne 3"
    assert Place().say("fr") == "fichier"
