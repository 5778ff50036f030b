"""Bodies of versions for the rules to judge, and ways to change them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

Body = dict[str, Any]
SLUGS = ("analytics", "advertising", "video", "newsletter", "prospecting.email")


def purpose(slug: str, **but: object) -> Body:
    """Make a purpose; say only what matters."""
    return {
        "id": f"pur_{slug}",
        "slug": slug,
        "title": {"fr": f"Compter {slug}", "en": f"Counting {slug}"},
        "text": {
            "fr": "Nous comptons les pages lues.",
            "en": "We count the pages that are read.",
        },
        "kind": "tracker",
        "basis": "consent",
        "channel": "web",
        "family": slug,
        "validity": "P6M",
        "proof_period": "P3Y",
        "explicit": False,
        "grounds": None,
        "opt_out": None,
        "exemption_reason": None,
        "relationships": ["site_user"],
        "recipients": [],
        "retention": {"period": "P13M", "counts_from": "collection"},
        "trackers": [],
        **but,
    }


def tracker(slug: str, **but: object) -> Body:
    """Make a tracker; say only what matters."""
    return {
        "id": f"trk_{slug}",
        "slug": slug,
        "name": f"The {slug}",
        "provider": "Compteurs réunis",
        "country": "GB",
        "safeguard": "adequacy",
        "privacy_url": "https://counters.example/privacy",
        "exemption_reason": None,
        "cookies": [
            {"name": "_c", "lifetime": "P13M", "party": "first", "storage": "cookie"},
            {"name": "_d", "lifetime": "session", "party": "first", "storage": "cookie"},
        ],
        "hosts": ["a.example"],
        "data_kept": "P25M",
        **but,
    }


def recipient(slug: str, **but: object) -> Body:
    """Make a recipient; say only what matters."""
    return {
        "slug": slug,
        "name": {"fr": "Hébergeur", "en": "Host"},
        "role": "processor",
        "country": "FR",
        "safeguard": "none_needed_eu",
        "why": {"fr": "Garder les données.", "en": "To keep the data."},
        "becomes_controller": False,
        **but,
    }


def body(purposes: list[Body] | None = None, **but: object) -> Body:
    """Make the body of a banner's version; say only what matters."""
    asked = purposes or [
        purpose("necessary", basis="exempt", exemption_reason="consent_choice"),
        purpose("analytics", trackers=["counter"], recipients=["host"]),
        purpose("advertising", trackers=["pixel"]),
    ]
    used = sorted({slug for one in asked for slug in one["trackers"]})
    named = sorted({slug for one in asked for slug in one["recipients"]})
    return deepcopy(
        {
            "format": "consent-notice/1",
            "notice": {"id": "ntc_1", "slug": "banner", "surface": "banner"},
            "organisation": {"name": "A", "contact": {"email": "a@a.example"}},
            "complaint": {"name": "CNIL"},
            "site": {"id": "site_1", "slug": "www", "name": "a.example"},
            "scope": {"slug": "www", "sites": [{"slug": "www", "name": "a.example"}]},
            "themes": {"www": None},
            "banners": {"www": None},
            "languages": ["en", "fr"],
            "words": {
                "fr": {"title": "Vos traces, vos règles", "intro": "Vous choisissez ici."},
                "en": {"title": "Your traces, your rules", "intro": "You choose right here."},
            },
            "built_in": {"en": {"accept_all": "Accept all"}},
            "purposes": asked,
            "trackers": [tracker(slug) for slug in used],
            "controllers": [
                {"slug": "a", "name": "A SAS", "role": "controller", "country": "FR"}
                | {"privacy_url": {"fr": "https://a.example/p"}}
            ],
            "recipients": [recipient(slug) for slug in named],
            "rights": [{"right": "access", "text": {}}, {"right": "erasure", "text": {}}],
            "ask_again_after": "P6M",
            "signals": {"gpc": "record"},
            **but,
        }
    )


PERIODS = st.sampled_from([None, "P1M", "P6M", "P1Y", "P3Y"])
NAMES = st.lists(st.sampled_from(["counter", "pixel", "player"]), unique=True, max_size=2)
PARTIES = st.lists(st.sampled_from(["host", "mailer"]), unique=True, max_size=2)


@st.composite
def purposes(draw: st.DrawFn, slug: str) -> Body:
    """Draw a purpose."""
    return purpose(
        slug,
        basis=draw(st.sampled_from(["consent", "legitimate_interest", "exempt"])),
        validity=draw(PERIODS),
        proof_period=draw(PERIODS),
        trackers=draw(NAMES),
        recipients=draw(PARTIES),
        relationships=draw(st.lists(st.sampled_from(["customer", "prospect"]), unique=True)),
    )


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    """Draw the body of a version that asks about one purpose at least."""
    slugs = draw(st.lists(st.sampled_from(SLUGS), unique=True, min_size=1, max_size=4))
    return body([draw(purposes(slug)) for slug in slugs])


@dataclass(frozen=True)
class Addition:
    """Something more, and the purposes it touches; None: all of them."""

    what: str
    add: Callable[[Body], object]
    only: str | None = None

    def touches(self, after: Body) -> frozenset[str]:
        """Name the purposes whose consents no longer count."""
        slugs = [one["slug"] for one in after["purposes"]]
        if self.only is None:
            return frozenset(slugs)
        return frozenset({slugs[-1] if self.only == "last" else slugs[0]})


def _add_tracker(after: Body) -> None:
    after["purposes"][0]["trackers"].append("fresh")
    after["trackers"].append(tracker("fresh"))


def _add_recipient(after: Body) -> None:
    after["purposes"][0]["recipients"].append("fresh")
    after["recipients"].append(recipient("fresh"))


def _add_controller(after: Body) -> None:
    after["controllers"].append({**after["controllers"][0], "slug": "fresh"})


ADDITIONS = (
    Addition("purpose", lambda after: after["purposes"].append(purpose("fresh")), "last"),
    Addition("tracker", _add_tracker, "first"),
    Addition("recipient of a purpose", _add_recipient, "first"),
    Addition(
        "recipient of all", lambda after: after["recipients"].append(recipient("fresh")), None
    ),
    Addition("controller", _add_controller, None),
    Addition(
        "site of the scope",
        lambda after: after["scope"]["sites"].append({"slug": "fresh", "name": "fresh"}),
        None,
    ),
)


def additions() -> st.SearchStrategy[Addition]:
    """Draw something to add."""
    return st.sampled_from(ADDITIONS)


def _drop_trackers(after: Body) -> None:
    after["trackers"].clear()
    for one in after["purposes"]:
        one["trackers"] = []


def _drop_recipients(after: Body) -> None:
    after["recipients"].clear()
    for one in after["purposes"]:
        one["recipients"] = []


def _drop_cookies(after: Body) -> None:
    for one in after["trackers"]:
        one["cookies"] = one["cookies"][1:]


def removals() -> st.SearchStrategy[Callable[[Body], object]]:
    """Draw something to remove."""
    return st.sampled_from(
        [
            _drop_trackers,
            _drop_recipients,
            _drop_cookies,
            lambda after: after["controllers"].clear(),
            lambda after: after["purposes"].pop() if len(after["purposes"]) > 1 else None,
        ]
    )


def purpose_changes() -> st.SearchStrategy[Callable[[Body], object]]:
    """Draw a change of one purpose."""
    return st.one_of(
        st.sampled_from(["basis", "kind", "channel", "family", "exemption_reason"]).map(
            lambda field: lambda one: one.update({field: "another"})
        ),
        PERIODS.map(lambda period: lambda one: one.update(validity=period)),
        PERIODS.map(lambda period: lambda one: one.update(proof_period=period)),
        st.text(min_size=1).map(lambda text: lambda one: one["text"].update(en=text)),
        st.text(min_size=1).map(lambda text: lambda one: one["title"].update(fr=text)),
        st.just(lambda one: one.update(retention=None)),
        st.just(lambda one: one.update(relationships=[])),
    )
