"""The receipt as PDF: what the page says, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from font_source_sans_pro import font_files_ttf
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from ..clock import from_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FONT: Final = "source"
_MARGIN: Final = 22
_SOFT: Final = (75, 88, 106)
_INK: Final = (22, 32, 46)
_LINE: Final = (213, 219, 227)
# Of the width of the page, in millimetres.
_NAMES: Final = 58
# Room for a row of three lines: one is not torn apart between two pages.
_ROW: Final = 18


def write_receipt(told: Mapping[str, Any]) -> bytes:
    """Write what the receipt's page says; the same receipt is the same file."""
    words, receipt, organisation = told["words"], told["receipt"], told["organisation"]
    sheet = _Sheet(told)
    sheet.small(str(organisation.get("name") or ""))
    sheet.title(words["title"])
    sheet.text(words["lead"].format(organisation=organisation.get("name")))
    sheet.heading(words["answers"])
    for answer, said in told["yes_or_no"]:
        spoken = told["text"](answer.title)
        sheet.row(spoken.text if spoken else answer.purpose, said, bold=True)
    sheet.heading(words["how"])
    for name, value in _how(told):
        sheet.row(name, value)
    sheet.heading(words["change"])
    sheet.text(told["change"])
    for line in _whom(told):
        sheet.text(line)
    sheet.heading(words["proof"])
    sheet.text(words["integrated" if receipt.integrated else "pending"])
    checked = {"organisation": organisation.get("name"), "decision": receipt.decision}
    sheet.text(words["check"].format(**checked))
    return sheet.bytes()


def _how(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    words, receipt, organisation = told["words"], told["receipt"], told["organisation"]
    yield words["who"], organisation.get("legal_name") or organisation.get("name") or ""
    yield words["when"], told["recorded"]
    if told["decided"]:
        yield "", words["decided"].format(moment=told["decided"])
    yield words["where"], told["where"]
    if receipt.version is None:
        yield words["words"], words["no_words"]
    else:
        yield words["words"], words["version"].format(number=receipt.version.number)
        yield "", receipt.notice_url
    yield words["reference"], receipt.decision


def _whom(told: Mapping[str, Any]) -> Iterator[str]:
    organisation, words = told["organisation"], told["words"]
    for name in ("dpo", "contact"):
        address = (organisation.get(name) or {}).get("email")
        if address:
            yield f"{words[name]} {address}"
            break
    policy = told["text"](organisation.get("privacy_url"))
    if policy:
        yield f"{words['policy']} – {policy.text}"


class _Sheet:
    """One A4 sheet, or as many as it takes."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        words, receipt = told["words"], told["receipt"]
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_lang(told["language"])
        pdf.set_title(words["title"])
        pdf.set_creation_date(from_micros(receipt.recorded_at))
        pdf.set_margins(_MARGIN, _MARGIN)
        pdf.set_auto_page_break(auto=True, margin=_MARGIN)
        for style, name in (("", "SourceSansPro"), ("B", "SourceSansProSemibold")):
            pdf.add_font(_FONT, style, font_files_ttf[name])
        pdf.add_page()

    def small(self, text: str) -> None:
        self._write(text, size=10, colour=_SOFT)

    def title(self, text: str) -> None:
        self._write(text, size=24, style="B", height=12)

    def heading(self, text: str) -> None:
        pdf = self._pdf
        pdf.ln(4)
        pdf.set_draw_color(*_LINE)
        pdf.line(_MARGIN, pdf.get_y(), pdf.w - _MARGIN, pdf.get_y())
        pdf.ln(3)
        self._write(text, size=14, style="B", height=8)

    def text(self, text: str) -> None:
        self._write(text, size=11)
        self._pdf.ln(1)

    def row(self, name: str, value: str, *, bold: bool = False) -> None:
        pdf = self._pdf
        if pdf.will_page_break(_ROW):
            pdf.add_page()
        top = pdf.get_y()
        self._write(name, size=11, colour=_SOFT, width=_NAMES)
        below = pdf.get_y()
        pdf.set_xy(_MARGIN + _NAMES + 4, top)
        self._write(value, size=11, style="B" if bold else "")
        pdf.set_y(max(below, pdf.get_y()) + 1)

    def bytes(self) -> bytes:
        return bytes(self._pdf.output())

    def _write(
        self,
        text: str,
        *,
        size: int,
        style: str = "",
        colour: tuple[int, int, int] = _INK,
        height: float = 5.6,
        width: float = 0,
    ) -> None:
        pdf = self._pdf
        pdf.set_font(_FONT, style, size)
        pdf.set_text_color(*colour)
        pdf.multi_cell(width, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
