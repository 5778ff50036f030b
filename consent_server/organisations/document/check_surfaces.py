"""What trackers and notices must agree on, among themselves and with sites."""

from .catalogue import Notice, Purpose, Site, Tracker
from .check import check_safeguard
from .periods import longer
from .reading import Reading
from .source import Node
from .vocabulary import Basis, Exemption, Kind, Surface

# CNIL, délibération 2020-091 §51 and guide of July 2025: audience measurement is exempt only
# with trackers of 13 months and data of 25 months at most.
LONGEST_AUDIENCE_TRACKER = "P13M"
LONGEST_AUDIENCE_DATA = "P25M"


def check_surfaces(reading: Reading) -> None:
    """Note what is wrong with trackers and notices, and between them."""
    purposes = {purpose.slug: purpose for _, purpose in reading.placed(Purpose)}
    for node, tracker in reading.placed(Tracker):
        check_safeguard(reading, node, tracker.country, tracker.safeguard)
        _tracker_purposes(reading, node, tracker, purposes)
        if tracker.exemption_reason is Exemption.AUDIENCE_MEASUREMENT:
            _audience_measurement(reading, node, tracker)
    for node, notice in reading.placed(Notice):
        _notice(reading, node, notice, purposes)
    _one_banner_for_a_scope(reading)
    _every_consent_is_asked(reading)


def _tracker_purposes(
    reading: Reading, node: Node, tracker: Tracker, purposes: dict[str, Purpose]
) -> None:
    served = [purposes[slug] for slug in tracker.purposes if slug in purposes]
    if not tracker.purposes:
        reading.fail(node, "name the purposes it serves, one at least", field="purposes")
    for purpose in served:
        if purpose.kind is not Kind.TRACKER:
            detail = f"`{purpose.slug}` is a {purpose.kind}; trackers serve tracker purposes"
            reading.fail(node, detail, field="purposes")
    exempt = [purpose.basis is Basis.EXEMPT for purpose in served]
    if any(exempt) and not all(exempt):
        detail = "a tracker that also serves a purpose by consent needs consent: split it"
        reading.fail(node, detail, field="purposes")
    elif any(exempt) and tracker.exemption_reason is None:
        detail = "it serves an exempt purpose; say why it needs no consent"
        reading.fail(node, detail, field="exemption_reason")
    elif tracker.exemption_reason is not None and served and not any(exempt):
        detail = "it serves purposes by consent, so it is not exempt; leave it out"
        reading.fail(node, detail, field="exemption_reason")


def _audience_measurement(reading: Reading, node: Node, tracker: Tracker) -> None:
    for cookie_node, cookie in zip(node.children("cookies"), tracker.cookies, strict=False):
        lifetime = cookie.lifetime
        if lifetime != "session" and longer(lifetime, LONGEST_AUDIENCE_TRACKER):
            detail = f"exempt audience measurement lasts {LONGEST_AUDIENCE_TRACKER} at most"
            reading.fail(cookie_node, detail, field="lifetime")
    if tracker.data_kept is None or longer(tracker.data_kept, LONGEST_AUDIENCE_DATA):
        detail = f"exempt audience measurement keeps its data {LONGEST_AUDIENCE_DATA} at most"
        reading.fail(node, detail, field="data_kept")


def _notice(reading: Reading, node: Node, notice: Notice, purposes: dict[str, Purpose]) -> None:
    if notice.surface is Surface.BANNER:
        _banner(reading, node, notice, purposes)
    elif not notice.purposes and notice.surface is not Surface.POLICY:
        reading.fail(node, "name the purposes it asks about, one at least", field="purposes")
    lengths = {language: len(words.sections) for language, words in notice.words.items()}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{language} {count}" for language, count in lengths.items())
        detail = f"every language has the same sections; they number {counts}"
        reading.fail(node, detail, field="words")


def _banner(reading: Reading, node: Node, notice: Notice, purposes: dict[str, Purpose]) -> None:
    if notice.site is None:
        reading.fail(node, "a banner belongs to a site; name it", field="site")
    if not notice.purposes:
        reading.fail(node, "name the purposes it asks about, one at least", field="purposes")
    for slug in notice.purposes:
        if slug in purposes and purposes[slug].kind is not Kind.TRACKER:
            detail = (
                f"`{slug}` is a {purposes[slug].kind}; a banner asks about trackers only,"
                " so that nothing is bundled (GDPR art. 7(4))"
            )
            reading.fail(node, detail, field="purposes")


def _one_banner_for_a_scope(reading: Reading) -> None:
    scopes = {site.slug: site.scope for _, site in reading.placed(Site)}
    first: dict[str, str] = {}
    for node, notice in reading.placed(Notice):
        scope = scopes.get(notice.site or "")
        if notice.surface is not Surface.BANNER or scope is None:
            continue
        if scope in first:
            detail = f"`{first[scope]}` already is the banner of `{scope}`; one each"
            reading.fail(node, detail, field="site")
        first.setdefault(scope, notice.slug)


def _every_consent_is_asked(reading: Reading) -> None:
    # Read from the tree, so that a notice with a mistake elsewhere still counts as asking.
    asked = {
        (item.value, notice.text("surface"))
        for notice in reading.root.children("notices")
        for item in notice.children("purposes")
        if isinstance(item.value, str)
    }
    for node, purpose in reading.placed(Purpose):
        if purpose.basis is not Basis.CONSENT:
            continue
        tracker = purpose.kind is Kind.TRACKER
        surfaces = ("banner",) if tracker else ("form", "call_script")
        if not any((purpose.slug, surface) in asked for surface in surfaces):
            detail = f"nobody can consent: no {' or '.join(surfaces)} notice names this purpose"
            reading.fail(node, detail, field="slug")
