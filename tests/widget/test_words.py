"""The banner's own words: thirty languages, each whole, each in itself."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest

from consent_server.notices.built_in import REVIEWED

FOLDER = Path(__file__).parents[2] / "widget" / "words"
WORDS: dict[str, dict[str, str]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
LANGUAGES = sorted(WORDS)
OF_THE_UNION = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()
BEYOND = ["no", "is", "uk", "tr", "ar", "he"]
SCRIPTS = {"bg": "CYRILLIC", "uk": "CYRILLIC", "el": "GREEK", "ar": "ARABIC", "he": "HEBREW"}
# Words that these languages have taken over as they are.
BORROWED = {"Cookies", "No"}
_ENGLISH = re.compile(
    r"\b(the|your|this|that|until|allow|accept|refuse|choose|choice|please|with|from|our)\b",
    re.IGNORECASE,
)
_LOAN = re.compile(r"\bcookies?\b", re.IGNORECASE)


def test_it_speaks_every_language_of_the_union_and_six_more() -> None:
    assert sorted([*OF_THE_UNION, *BEYOND]) == LANGUAGES
    assert len(LANGUAGES) == 30


def test_only_languages_that_are_spoken_here_are_called_reviewed() -> None:
    assert set(LANGUAGES) >= REVIEWED


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_is_left_over(language: str) -> None:
    if language == "en":
        return
    english = WORDS["en"]
    same = {text for key, text in WORDS[language].items() if text == english.get(key)}
    # In French too: a word may be spelt alike and be the language's own.
    own = {"Cookies", "Purpose", "Date"} if language == "fr" else BORROWED
    assert same <= own
    left = {key: text for key, text in WORDS[language].items() if _ENGLISH.search(text)}
    assert left == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_belongs_to_the_languages_own_script(language: str) -> None:
    script = SCRIPTS.get(language, "LATIN")
    strange = {
        key: letter
        for key, text in WORDS[language].items()
        for letter in (text if script == "LATIN" else _LOAN.sub("", text))
        if letter.isalpha() and not unicodedata.name(letter).startswith(script)
    }
    assert strange == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_whole_plain_and_end_as_the_english_ones_do(language: str) -> None:
    for key, text in WORDS[language].items():
        assert text == unicodedata.normalize("NFC", text.strip()) != "", key
        assert "  " not in text, key
        assert not re.search(r"[<>{}&|\\\"']", text), key
        for end in ".:":
            assert text.endswith(end) == WORDS["en"][key].endswith(end), key


def test_french_keeps_its_colons_on_the_line() -> None:
    assert [key for key, text in WORDS["fr"].items() if re.search(r"(?<!\u00a0)[:;?!]", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_cnil_3_neither_answer_is_much_longer_than_the_other(language: str) -> None:
    accept, refuse = (len(WORDS[language][key]) for key in ("accept_all", "refuse_all"))
    assert max(accept, refuse) <= 1.5 * min(accept, refuse)
    # The buttons of a telephone.
    assert max(accept, refuse) <= 26


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_much_longer_than_the_english(language: str) -> None:
    for key, text in WORDS[language].items():
        assert len(text) <= 2 * len(WORDS["en"][key]) + 20, key
