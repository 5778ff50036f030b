"""No text, however long or crafted, keeps the banner's patterns busy (test 78)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SOURCES: Final = Path(__file__).parents[2] / "widget" / "src"
_COMMENT: Final = re.compile(r"/\*.*?\*/|(?m:^\s*//.*$)", re.DOTALL)
_TEXT: Final = re.compile(r"'(?:\\.|[^'\\\n])*'")
# Of a template only what it computes is code.
_TEMPLATE: Final = re.compile(r"`(?:\\.|\$\{[^}]*\}|[^`\\])*`")
_COMPUTED: Final = re.compile(r"\$\{([^}]*)\}")
# A slash that begins a pattern follows an operator, a bracket or `return`, never a value.
_PATTERN: Final = re.compile(
    r"(?:(?<=[=(,:!&|?\[])|(?<=\breturn))\s*/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+)/([dgimsuvy]*)"
)
_ALLOWED_MS: Final = 50
_LENGTH: Final = 100_000
_SLOWEST: Final = """([source, flags, length]) => {
  const letters = [...new Set(source + 'a0 ~-._/\\n')]
  const pieces = [...letters, ...letters.flatMap((one) => letters.map((other) => one + other))]
  let slowest = 0
  for (const piece of pieces) {
    const text = piece.repeat(length / piece.length) + '\\0'
    for (const said of [text, `1~${text}`, `P${text}`]) {
      const pattern = new RegExp(source, flags)
      let took = Infinity
      // The machine may pause once; a pattern that is slow is slow each time.
      for (let turn = 0; turn < 3 && took > 5; turn += 1) {
        const begun = performance.now()
        pattern.lastIndex = 0
        pattern.test(said)
        took = Math.min(took, performance.now() - begun)
      }
      slowest = Math.max(slowest, took)
    }
    if (slowest > 50) break
  }
  return slowest
}"""


def patterns() -> dict[str, list[str]]:
    """Find every pattern of the banner's sources, by where it stands."""
    found = {}
    for file in sorted(SOURCES.rglob("*.js")):
        code = _TEXT.sub("''", _COMMENT.sub("", file.read_text("utf-8")))
        code = _TEMPLATE.sub(lambda text: " , ".join(_COMPUTED.findall(text[0])), code)
        for at, match in enumerate(_PATTERN.finditer(code)):
            found[f"{file.relative_to(SOURCES)} {at}"] = [match[1], match[2]]
    return found


FOUND: Final = patterns()


def slowest(browser: Browser, pattern: list[str], length: int = _LENGTH) -> float:
    """Give the milliseconds that a pattern takes for the worst of many long texts."""
    page: Any = browser.new_page()
    try:
        return float(page.evaluate(_SLOWEST, [*pattern, length]))
    finally:
        page.close()


def test_78_the_patterns_are_found() -> None:
    assert len(FOUND) >= 6
    assert any(source.startswith("^1~") for source, _ in FOUND.values())


def test_78_a_slow_pattern_is_seen_to_be_slow(browser: Browser) -> None:
    # Each letter more doubles its work: two dozen are enough.
    assert slowest(browser, ["^(a+)+$", ""], 26) > _ALLOWED_MS


@pytest.mark.parametrize("name", FOUND)
def test_78_a_hundred_thousand_letters_take_no_pattern_long(
    browser: Browser, name: str
) -> None:
    assert slowest(browser, FOUND[name]) <= _ALLOWED_MS
