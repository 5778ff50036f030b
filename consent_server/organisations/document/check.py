"""What must agree across the file: names, companies, people, rights."""

from collections.abc import Iterator

from .check_settings import check_settings
from .countries import WITHIN_GDPR
from .parts import Organisation, Recipient
from .people import Relationship, Retention, Rights, Role, Source
from .periods import longer
from .reading import Reading
from .source import Node
from .vocabulary import ControllerRole, Right, Safeguard, SourceKind

_NAMED = (
    ("controllers", "slug"),
    ("recipients", "slug"),
    ("relationships", "kind"),
    ("sources", "slug"),
    ("access/roles", "slug"),
    ("rights/offered", "right"),
    ("retention/legal_holds", "slug"),
    ("sites", "slug"),
    ("purposes", "slug"),
    ("trackers", "slug"),
    ("notices", "slug"),
)
# CNIL, référentiel on commercial management.
SHORTEST_OBJECTIONS = "P3Y"


def check_parties_and_people(reading: Reading) -> None:
    """Note what does not agree between the sections about companies and people."""
    _names_are_unique(reading)
    _languages(reading)
    check_settings(reading)
    _one_controller(reading)
    for node, recipient in reading.placed(Recipient):
        check_safeguard(reading, node, recipient.country, recipient.safeguard)
    _sources(reading)
    _roles(reading)
    _rights(reading)
    for node, retention in reading.placed(Retention):
        if longer(SHORTEST_OBJECTIONS, retention.objections_kept):
            detail = f"objections are kept for {SHORTEST_OBJECTIONS} at least"
            reading.fail(node, detail, field="objections_kept")
    for node, relationship in reading.placed(Relationship):
        if not relationship.data:
            reading.fail(node, "name the data kept, one item at least", field="data")


def check_safeguard(reading: Reading, node: Node, country: str, safeguard: str) -> None:
    """Note a transfer without safeguard, or a safeguard where there is no transfer."""
    inside = country in WITHIN_GDPR
    if inside and safeguard != Safeguard.NONE_NEEDED_EU:
        detail = f"{country} applies the GDPR; write {Safeguard.NONE_NEEDED_EU}"
        reading.fail(node, detail, field="safeguard")
    elif not inside and safeguard == Safeguard.NONE_NEEDED_EU:
        ways = ", ".join(way for way in Safeguard if way != Safeguard.NONE_NEEDED_EU)
        detail = f"{country} lies outside the European Economic Area; write one of {ways}"
        reading.fail(node, detail, field="safeguard")


def sections(reading: Reading, path: str) -> list[Node]:
    """List the items of a section of the file, by its path."""
    *parents, last = path.split("/")
    node: Node | None = reading.root
    for name in parents:
        node = node.child(name) if node else None
    return node.children(last) if node else []


def _names_are_unique(reading: Reading) -> None:
    for path, key in _NAMED:
        seen: dict[str, Node] = {}
        for node in sections(reading, path):
            name = node.text(key)
            if name in seen:
                where = seen[name].line
                first = f" (line {where})" if where else ""
                detail = f"`{name}` is already declared under {path}{first}; names differ"
                reading.fail(node, detail, field=key)
            elif name:
                seen[name] = node


def _languages(reading: Reading) -> None:
    for node, organisation in reading.placed(Organisation):
        spoken = organisation.languages
        if len(set(spoken)) != len(spoken):
            reading.fail(node, "a language is listed twice", field="languages")
        if organisation.default_language not in spoken:
            listed = ", ".join(spoken) or "none is listed yet"
            detail = f"it must be one of the organisation's languages ({listed})"
            reading.fail(node, detail, field="default_language")


def _one_controller(reading: Reading) -> None:
    roles = [node.text("role") for node in sections(reading, "controllers")]
    if roles.count(ControllerRole.CONTROLLER) != 1:
        detail = "one company, and only one, has the role `controller`"
        reading.fail(reading.root, detail, field="controllers")


def _sources(reading: Reading) -> None:
    for node, source in reading.placed(Source):
        if source.kind is SourceKind.THIRD_PARTY and not source.third_party:
            detail = "data from a third party: write true, so that the person is told"
            reading.fail(node, detail, field="third_party")
        if source.kind is SourceKind.EMPLOYER and not source.requires_on_behalf_of:
            detail = "an employer speaks for others: write true, so that we know for whom"
            reading.fail(node, detail, field="requires_on_behalf_of")


def _roles(reading: Reading) -> None:
    for node, role in reading.placed(Role):
        if role.auditor and role.changes:
            reading.fail(node, "an auditor only reads; leave it out", field="changes")
        if role.auditor and role.expires_after is None:
            detail = "an auditor's access ends by itself; write a duration, such as P30D"
            reading.fail(node, detail, field="expires_after")
        for area in role.changes:
            if area not in role.sees:
                detail = f"whoever changes `{area}` must see it; add it to `sees`"
                reading.fail(node, detail, field="changes")


def _rights(reading: Reading) -> None:
    for node, rights in reading.placed(Rights):
        offered = [offer.right for offer in rights.offered]
        missing = list(_required_rights(reading, offered))
        if missing:
            detail = f"these rights cannot be left out: {', '.join(missing)}"
            reading.fail(node, detail, field="offered")
        if longer(rights.answer_within, "P1M"):
            detail = "an answer is due within a month (GDPR art. 12(3)); write P1M or less"
            reading.fail(node, detail, field="answer_within")


def _required_rights(reading: Reading, offered: list[Right]) -> Iterator[str]:
    countries = {organisation.country for _, organisation in reading.placed(Organisation)}
    for right in Right:
        # Wishes after death are a right of French law (loi I&L art. 85).
        needed = right is not Right.AFTER_DEATH or "FR" in countries
        if needed and right not in offered:
            yield right.value
