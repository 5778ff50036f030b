"""Images of a page, taken by the machine's own Chromium where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

# The smaller one first: it shows pages and does nothing else.
_NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--virtual-time-budget=2000",
)
_SECONDS: Final = 60
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Width and height, in CSS pixels.
DEVICES: Final = {"desktop": (1280, 800), "phone": (390, 844)}
LAYERS: Final = {"first": "", "second": "#second"}
VIEWS: Final = tuple(f"{layer}.{device}" for layer in LAYERS for device in DEVICES)
NO_BROWSER: Final = "no_browser"
FAILED: Final = "browser_failed"


def browser() -> str | None:
    """Find a Chromium, if the machine has one."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def draw(program: str, page: bytes) -> dict[str, bytes | None]:
    """Take an image of each view of a page; None where the browser gave none."""
    with tempfile.TemporaryDirectory(prefix="consent-replay-") as folder:
        place = Path(folder)
        (place / "page.html").write_bytes(page)
        return {view: _drawn(program, place, view) for view in VIEWS}


def _drawn(program: str, place: Path, view: str) -> bytes | None:
    layer, device = view.split(".")
    width, height = DEVICES[device]
    image = place / f"{view}.png"
    # It opens our own page alone, which may reach nobody; as root it refuses a sandbox.
    alone = ("--no-sandbox",) if os.geteuid() == 0 else ()
    words = [
        program,
        *_FLAGS,
        *alone,
        f"--user-data-dir={place / 'profile'}",
        f"--window-size={width},{height}",
        f"--screenshot={image}",
        f"{(place / 'page.html').as_uri()}{LAYERS[layer]}",
    ]
    try:
        subprocess.run(  # noqa: S603 # the machine's own browser, on a page of ours
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=True
        )
        data = image.read_bytes()
    except (OSError, subprocess.SubprocessError):
        return None
    return data if data.startswith(_PNG) else None
