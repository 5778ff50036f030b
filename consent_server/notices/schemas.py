"""What the room's doors take and answer."""

from __future__ import annotations

from typing import Final

from ..web import Schema, fields

_OBJECT: Final = {"type": "object"}
_LIST: Final = {"type": "array", "items": {}}


class Document(Schema):
    """The organisation's file as JSON (docs/organisation-file.md says what may stand where)."""

    format = fields.Choice(["consent-organisation/1"], required=True)
    organisation = fields.Anything(required=True, metadata=_OBJECT)
    controllers = fields.Anything(required=True, metadata=_LIST)
    relationships = fields.Anything(required=True, metadata=_LIST)
    retention = fields.Anything(required=True, metadata=_OBJECT)
    sources = fields.Anything(required=True, metadata=_LIST)
    access = fields.Anything(required=True, metadata=_OBJECT)
    rights = fields.Anything(required=True, metadata=_OBJECT)
    purposes = fields.Anything(required=True, metadata=_LIST)
    notices = fields.Anything(required=True, metadata=_LIST)
    recipients = fields.Anything(metadata=_LIST)
    as_processor = fields.Anything(allow_none=True, metadata=_OBJECT)
    security = fields.Anything(metadata=_LIST)
    sites = fields.Anything(metadata=_LIST)
    trackers = fields.Anything(metadata=_LIST)


class Patch(Schema):
    """A merge patch (RFC 7396) of the document: null removes, lists are replaced."""

    class Meta(Schema.Meta):
        """The document's own reader knows the fields."""

        unknown = "include"


class ReasonShown(Schema):
    """One difference between two versions, and whether consents before it still count."""

    code = fields.Text(required=True)
    material = fields.Flag(required=True)
    purpose = fields.Text(
        required=True, allow_none=True, metadata={"description": "None: all of the notice."}
    )
    words = fields.Table(fields.Text(), fields.Text(), required=True)


_UNREVIEWED: Final = {
    "description": "Languages of the built-in words that no speaker has reviewed yet."
}


class PublishedShown(Schema):
    """A version as it is published."""

    id = fields.Text(required=True, metadata={"description": "`ntv_…`"})
    notice = fields.Text(required=True)
    slug = fields.Text(required=True)
    number = fields.Integer(required=True)
    recorded_at = fields.Instant(required=True)
    content_hash = fields.Text(required=True)
    judgement = fields.Choice(["editorial", "material"], required=True)
    touched = fields.Items(fields.Text(), required=True)
    because = fields.Items(fields.Part(ReasonShown), required=True)
    unreviewed = fields.Items(fields.Text(), required=True, metadata=_UNREVIEWED)
    url = fields.Text(required=True, metadata={"format": "uri"})


class ChangeShown(Schema):
    """One difference: where, what stood there, what stands there now."""

    path = fields.Text(required=True, most=2000)
    before = fields.Anything(required=True, allow_none=True)
    after = fields.Anything(required=True, allow_none=True)


class AppliedShown(Schema):
    """What applying a document did, or in a dry run would do."""

    id = fields.Text(required=True, metadata={"description": "`org_…`"})
    created = fields.Flag(required=True)
    changed = fields.Flag(required=True)
    changes = fields.Items(fields.Part(ChangeShown), required=True, most=100_000)
    published = fields.Items(fields.Part(PublishedShown), required=True)


class CreatedShown(AppliedShown):
    """A new organisation, with its first key."""

    key = fields.Text(required=True, metadata={"description": "Shown this once."})


class ApplyAsked(Schema):
    """Whether to apply, or only to say what applying would do."""

    dry_run = fields.Flag(load_default=False)


class NoticeShown(Schema):
    """A notice: what it is, which version is in force, where its floors stand."""

    id = fields.Text(required=True, metadata={"description": "`ntc_…`"})
    slug = fields.Text(required=True)
    surface = fields.Text(required=True)
    site = fields.Text(required=True, allow_none=True)
    version = fields.Text(required=True, allow_none=True)
    floors = fields.Table(fields.Text(), fields.Integer(), required=True)


class NoticesShown(Schema):
    """The notices of the organisation."""

    notices = fields.Items(fields.Part(NoticeShown), required=True)


class PreviewShown(Schema):
    """What publishing the draft now would mean."""

    differs = fields.Flag(required=True)
    number = fields.Integer(required=True, allow_none=True)
    judgement = fields.Choice(["editorial", "material"], required=True, allow_none=True)
    touched = fields.Items(fields.Text(), required=True)
    because = fields.Items(fields.Part(ReasonShown), required=True)
    unreviewed = fields.Items(fields.Text(), required=True, metadata=_UNREVIEWED)


class DraftTaken(Schema):
    """The purposes a notice asks about, and its words in every language."""

    purposes = fields.Items(fields.Text(least=1, most=64), most=200)
    words = fields.Table(fields.Text(least=2, most=2), fields.Anything(), required=True)


class DraftShown(Schema):
    """The words being written, and what publishing them would mean."""

    purposes = fields.Items(fields.Text(), required=True)
    words = fields.Table(fields.Text(), fields.Anything(), required=True)
    publishing = fields.Part(PreviewShown, required=True)


class PublishTaken(Schema):
    """How much further than the rules the author goes; nothing goes less far."""

    ask_again = fields.Items(
        fields.Text(least=1, most=64),
        most=200,
        load_default=list,
        metadata={"description": "Purposes (slugs) whose earlier consents shall not count."},
    )


class VersionShown(Schema):
    """A published version."""

    id = fields.Text(required=True, metadata={"description": "`ntv_…`"})
    notice = fields.Text(required=True)
    number = fields.Integer(required=True)
    recorded_at = fields.Instant(required=True)
    content_hash = fields.Text(required=True)
    judgement = fields.Choice(["editorial", "material"], required=True)
    because = fields.Items(fields.Part(ReasonShown), required=True)
    url = fields.Text(required=True, metadata={"format": "uri"})


class VersionsShown(Schema):
    """Every version of a notice, oldest first."""

    versions = fields.Items(fields.Part(VersionShown), required=True)
