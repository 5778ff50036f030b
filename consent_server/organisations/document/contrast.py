"""Tells whether one colour can be read on another (WCAG 2.2), and mends one that cannot."""

from __future__ import annotations

import colorsys


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of two `#rrggbb` colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def nearest_readable(colour: str, background: str, least: float) -> str:
    """Give the colour of the same hue, as little lighter or darker as reaches a contrast.

    Black or white reaches 4.58 to 1 on any background, so up to there one always exists.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    for step in range(256):
        for other in (lightness - step / 255, lightness + step / 255):
            # Clamped, so that the very ends are tried too.
            tried = _written(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, other)), saturation))
            if contrast(tried, background) >= least:
                return tried
    raise ValueError(f"no colour reaches {least} to 1 on {background}")


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _written(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
