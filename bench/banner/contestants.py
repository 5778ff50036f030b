"""Who is measured: ours and five others from npm, each as its own documentation has it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
PACKAGES: Final = HERE / "node_modules"
_PLACE: Final = re.compile(r"<!--(head|start|end)-->\n")
_CARD: Final = (
    "<article><h2>Carte {0}</h2><p>Un paragraphe pour dire ce que vaut la carte {0}, ni long ni"
    " court, comme on en lit partout, avec <a href='#un'>un lien</a> et rien d’autre.</p>"
    "</article>"
)


@dataclass(frozen=True)
class Contestant:
    """One banner: where it is on the page, and how its second layer opens."""

    name: str
    banner: str
    accept: str
    choose: str | None = None
    second: str | None = None
    language_files: str | None = None


OURS: Final = "ours"
BARE: Final = "bare"
# `a >>> b` enters the shadow root of a.
CONTESTANTS: Final = (
    Contestant(
        OURS,
        "consent-banner >>> [part=banner]",
        "consent-banner >>> [data-action=accept_all]",
        "consent-banner >>> [data-action=choose]",
        "consent-banner >>> [data-view=second_layer]",
    ),
    Contestant(
        "vanilla-cookieconsent",
        "#cc-main .cm",
        "#cc-main .cm [data-role=all]",
        "#cc-main .cm [data-role=show]",
        "#cc-main .pm",
    ),
    Contestant(
        "klaro",
        "#klaro .cookie-notice",
        "#klaro .cookie-notice .cm-btn-success",
        "#klaro .cookie-notice .cn-learn-more",
        "#klaro .cookie-modal .cm-modal",
        language_files="klaro/src/translations/*.yml",
    ),
    Contestant(
        "tarteaucitronjs",
        "#tarteaucitronAlertBig",
        "#tarteaucitronPersonalize2",
        "#tarteaucitronCloseAlert",
        "#tarteaucitron",
        language_files="tarteaucitronjs/lang/tarteaucitron.??.js",
    ),
    Contestant("cookieconsent", ".cc-window", ".cc-window .cc-allow"),
    Contestant("mozmeao", "#moz-consent-banner", "#moz-consent-banner-button-accept"),
)


def page(name: str, told: dict[str, Any], ours: str) -> str:
    """Write the page with one banner on it, or with none."""
    text = (HERE / "page.html").read_text("utf-8")
    parts = _PLACE.split((HERE / "contestants" / f"{name}.html").read_text("utf-8"))
    given = dict(zip(parts[1::2], parts[2::2], strict=True))
    text = _PLACE.sub(lambda place: given.get(place[1], ""), text)
    words = {
        "ours": ours,
        "told": json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"),
        "title": html.escape(told["title"]),
        "intro": html.escape(told["intro"]),
        "titles": html.escape(", ".join(each["title"] for each in told["purposes"])),
    }
    for word, said in words.items():
        text = text.replace(f"{{{{{word}}}}}", said)
    return text.replace("<!--cards-->\n", "\n".join(map(_CARD.format, range(1, 13))) + "\n")


def version(package: str) -> str:
    """Tell which version of a package is installed."""
    told = json.loads((PACKAGES / package / "package.json").read_text("utf-8"))
    return str(told["version"])
