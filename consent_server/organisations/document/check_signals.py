"""What a site's signals and foreign markup must agree on with what its visitors are asked."""

from collections.abc import Collection, Iterator

from .catalogue import Notice, Site
from .reading import Reading
from .signals import Markup, Signals
from .source import Node
from .vocabulary import Surface

# Where Matomo hears its commands.
_MATOMO_QUEUE = "_paq"


def check_signals(reading: Reading) -> None:
    """Note signals of purposes that nobody is asked about, and mappings that contradict."""
    for node, site in reading.placed(Site):
        asked = _asked(reading, site)
        for place in _purposes_named(node):
            if asked and isinstance(place.value, str) and place.value not in asked:
                detail = f"the banner of this site does not ask about `{place.value}`"
                reading.fail(place, f"{detail}; it asks about {', '.join(sorted(asked))}")
        _given_once(reading, node.children("markup"), "vendor")
    for node, _ in reading.placed(Markup):
        _given_once(reading, node.children("means"), "name")
    for node, signals in reading.placed(Signals):
        if signals.matomo and signals.piano and signals.piano.queue == _MATOMO_QUEUE:
            detail = f"Matomo hears its commands in `{_MATOMO_QUEUE}`; give Piano another queue"
            reading.fail(node, f"{detail}, and its SDK too", field="piano")


def _asked(reading: Reading, site: Site) -> Collection[str]:
    scopes = {each.slug: each.scope for _, each in reading.placed(Site)}
    return {
        slug
        for _, notice in reading.placed(Notice)
        if notice.surface is Surface.BANNER and scopes.get(notice.site or "") == site.scope
        for slug in notice.purposes
    }


def _purposes_named(site: Node) -> Iterator[Node]:
    for company in _members(site.child("signals")):
        for each in _members(company):
            yield from each.value if isinstance(each.value, list) else ()
    for markup in site.children("markup"):
        for meaning in markup.children("means"):
            yield from filter(None, [meaning.child("purpose")])


def _members(node: Node | None) -> Collection[Node]:
    return node.value.values() if node is not None and isinstance(node.value, dict) else ()


def _given_once(reading: Reading, items: list[Node], field: str) -> None:
    seen: set[str | None] = set()
    for item in items:
        name = item.text(field)
        if name in seen:
            reading.fail(item, f"`{name}` is there twice; keep one", field=field)
        seen.add(name)
