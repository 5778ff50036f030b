"""The example by which a site's own server reads the choice: true, and safe against forgery."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

FILE = Path(__file__).parents[1] / "docs" / "examples" / "read_choice.py"
VISITOR = "v" * 22
GOOD = f"1~{VISITOR}~{'d' * 22}~sz1abc~receipt.name-1~g3-analytics~r3-advertising~s2-video"


def example() -> Any:
    spec = importlib.util.spec_from_file_location("read_choice", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLE = example()


def test_what_is_granted_is_read_and_nothing_else() -> None:
    assert EXAMPLE.granted(GOOD) == {"analytics"}
    assert EXAMPLE.granted(f"1~{VISITOR}~~0~~g1-video") == {"video"}
    assert EXAMPLE.granted(f"1~{VISITOR}~~0~") == set()


@pytest.mark.parametrize(
    "cookie",
    [
        None,
        "",
        "1",
        GOOD.replace("1~", "2~", 1),
        GOOD.replace(VISITOR, "short"),
        f"{GOOD};",
        f"{GOOD}~<script>",
        f"{GOOD}\n",
        GOOD + "~g1-x" * 2000,
        "g3-analytics",
        GOOD.replace("1~", "\u0661~", 1),
    ],
)
def test_a_garbled_cookie_is_no_choice(cookie: str | None) -> None:
    assert EXAMPLE.granted(cookie) == set()


def test_a_purpose_answered_twice_is_not_granted() -> None:
    assert EXAMPLE.granted(f"{GOOD}~g3-advertising~g3-analytics") == set()


@given(st.text(max_size=200))
def test_whatever_stands_in_the_cookie_the_page_is_served(text: str) -> None:
    assert isinstance(EXAMPLE.granted(text), frozenset)
    assert all(name in GOOD + text for name in EXAMPLE.granted(GOOD + text))


def test_a_long_cookie_costs_no_time() -> None:
    attacks = ("1~" + "~" * 4000, f"1~{VISITOR}~~0~" + "~a" * 2000 + "!")
    # Of the processor: whoever else works here takes no part in it.
    start = time.thread_time()
    for text in attacks:
        EXAMPLE.granted(text)
    assert time.thread_time() - start < 0.05


@pytest.mark.parametrize(
    ("cookie", "said"),
    [
        (f"1~{VISITOR}~~0~~g1-video", "The film stands here"),
        (GOOD, "if you allowed it"),
        ("forged", "if you allowed it"),
        ("", "if you allowed it"),
    ],
)
def test_the_page_follows_the_choice(cookie: str, said: str) -> None:
    client = EXAMPLE.app.test_client()
    client.set_cookie("consent", cookie)
    assert said in client.get("/").get_data(as_text=True)
