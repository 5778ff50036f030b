"""Shapes: decisions as browsers and systems send them, and as they are answered."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from ..subjects.naming_schemas import PersonIn
from ..subjects.schemas import FactsIn
from ..web import Schema, fields

ACTIONS = ("accept_all", "refuse_all", "save", "withdraw_all", "gpc")
SURFACES = ("first_layer", "second_layer", "placeholder", "page", "demo")
ANSWERS = ("granted", "refused")
ALL_ANSWERS = (*ANSWERS, "withdrawn", "objected")
MADE_BY_BROWSER = "[A-Za-z0-9_-]{22,64}"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LANGUAGE = "[a-z]{2,3}(-[A-Za-z0-9]{2,8})?"
_PREVIOUS = f"dec_[0-7][0-9a-z]{{12}}|{MADE_BY_BROWSER}"


class ShownIn(Schema):
    """What the page showed: which script, which layout, how each switch stood before."""

    script = fields.Text(most=100)
    layout = fields.Text(most=40)
    controls = fields.Table(fields.Text(least=1, most=64), fields.Flag(), most=100)


class SignalsIn(Schema):
    """The signals that the browser sent."""

    gpc = fields.Flag()


class OwnPart(Schema):
    """What is every visitor's own in a choice."""

    id = fields.Text(required=True, pattern=MADE_BY_BROWSER, least=22, most=64)
    visitor = fields.Text(required=True, pattern=MADE_BY_BROWSER, least=22, most=64)
    decided_at = fields.Instant(required=True)
    previous = fields.Text(pattern=_PREVIOUS, least=17, most=64)
    shown = fields.Part(ShownIn)
    signals = fields.Part(SignalsIn)


class BannerDecision(OwnPart):
    """A visitor's choice (`POST /v1/sites/<site>/decisions`)."""

    notice_version = fields.PublicId("ntv", required=True)
    language = fields.Text(required=True, pattern=_LANGUAGE, least=2, most=12)
    action = fields.Choice(ACTIONS, required=True)
    choices = fields.Table(
        fields.Text(least=1, most=64), fields.Choice(ANSWERS), least=1, most=100, required=True
    )
    surface = fields.Choice(SURFACES, required=True)


class SubjectIn(PersonIn, FactsIn):
    """Who decides: one or more identifiers, and what is known of the person."""


class SystemDecision(Schema):
    """A decision that a system saw or was told of (`POST /v1/decisions`)."""

    subject = fields.Part(SubjectIn, required=True)
    choices = fields.Table(
        fields.Text(least=1, most=64),
        fields.Choice(ALL_ANSWERS),
        least=1,
        most=100,
        required=True,
    )
    notice_version = fields.PublicId("ntv")
    language = fields.Text(pattern=_LANGUAGE, least=2, most=12)
    source = fields.Text(least=1, most=200, required=True)
    evidence = fields.Text(least=1, most=2000)
    assertion = fields.Choice(("asserted", "evidenced", "witnessed"))
    actor = fields.Text(most=200)
    decided_at = fields.Instant()
    previous = fields.Text(pattern=_PREVIOUS, least=17, most=64)

    @validates_schema
    def say_how_it_is_known(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a yes that does not say how it is known, and evidence that is not there."""
        yes = "granted" in data.get("choices", {}).values()
        if yes and "assertion" not in data:
            raise ValidationError(
                "Say how the yes is known: asserted, evidenced or witnessed.", "assertion"
            )
        if data.get("assertion") == "evidenced" and "evidence" not in data:
            raise ValidationError("Name the evidence.", "evidence")


class DecisionWritten(Schema):
    """A decision as it was recorded."""

    id = fields.Text(required=True)
    subject = fields.Text(required=True)
    receipt = fields.Text(required=True)
    recorded_at = fields.Instant(required=True)
    token = fields.Text(required=True)
    standing = fields.Table(fields.Text(), fields.Text(), required=True)
    ask_again = fields.Items(fields.Text())


class DecisionOut(Schema):
    """A decision as it is kept."""

    id = fields.Text(required=True)
    subject = fields.Text(required=True)
    recorded_at = fields.Instant(required=True)
    decided_at = fields.Instant(required=True)
    door = fields.Text(required=True)
    action = fields.Text(required=True)
    assertion = fields.Text(required=True)
    choices = fields.Table(fields.Text(), fields.Text(), required=True)
    standing = fields.Table(fields.Text(), fields.Text(), required=True)
    notice_version = fields.Text(allow_none=True, required=True)
    language = fields.Text(allow_none=True, required=True)
    surface = fields.Text(allow_none=True, required=True)
    site = fields.Text(allow_none=True, required=True)
    previous = fields.Text(allow_none=True, required=True)
    source = fields.Text(allow_none=True, required=True)
    actor = fields.Text(allow_none=True, required=True)
    evidence = fields.Text(allow_none=True, required=True)
    receipt = fields.Text(required=True)
    ledger = fields.Text(required=True)


class ProofQuery(Schema):
    """How far the proof is opened."""

    # With it, whoever knows the address can check that the proof is about it.
    opening = fields.Choice(("true", "false"))


class ProofOut(Schema):
    """The proof bundle: what `consent verify` reads."""

    format = fields.Text(required=True)
    record = fields.Text(required=True, most=65535)
    salt = fields.Text(required=True)
    opening = fields.Anything()
    entry = fields.Text(required=True)
    tlog_proof = fields.Text(required=True, most=65535)
    checkpoint_keys = fields.Items(fields.Text(), required=True)
    stamps = fields.Items(fields.Text(most=65535), required=True)


class ReceiptChoice(Schema):
    """One purpose, by the title it was asked under, and what was answered."""

    purpose = fields.Text(required=True)
    title = fields.Table(fields.Text(), fields.Text(), required=True)
    answer = fields.Text(required=True)
    standing = fields.Text(required=True)


class ReceiptOrganisation(Schema):
    """Who asked, and where to turn to."""

    name = fields.Text(allow_none=True)
    legal_name = fields.Text(allow_none=True)
    contact = fields.Text(allow_none=True)
    dpo = fields.Text(allow_none=True)
    privacy_url = fields.Table(fields.Text(), fields.Text())


class ReceiptSite(Schema):
    """On which site."""

    id = fields.Text(required=True)
    name = fields.Text(allow_none=True)
    origin = fields.Text(allow_none=True)


class ReceiptForm(Schema):
    """In which form to give a receipt; what `Accept` asks for, unless said."""

    form = fields.Choice(
        ("json", "html", "pdf", "jws", "dpv", "kantara"),
        metadata={
            "description": "`jws`: signed. `dpv`: ISO/IEC TS 27560 in JSON-LD."
            " `kantara`: Consent Receipt 1.1.0."
        },
    )
    lang = fields.Text(metadata={"description": "The language of the page: `fr` or `en`."})


class ReceiptOut(Schema):
    """What the person gets: no name, no address."""

    receipt = fields.Text(required=True)
    decision = fields.Text(required=True)
    organisation = fields.Part(ReceiptOrganisation, required=True)
    recorded_at = fields.Instant(required=True)
    decided_at = fields.Instant(required=True)
    door = fields.Text(required=True)
    action = fields.Text(required=True)
    surface = fields.Text(allow_none=True, required=True)
    language = fields.Text(allow_none=True, required=True)
    site = fields.Part(ReceiptSite, allow_none=True, required=True)
    notice_version = fields.Text(allow_none=True, required=True)
    notice_url = fields.Text(allow_none=True, required=True)
    notice_hash = fields.Text(allow_none=True, required=True)
    choices = fields.Items(fields.Part(ReceiptChoice), required=True)
    ledger = fields.Choice(("pending", "integrated"), required=True)


class PeriodAsked(Schema):
    """Which days to count; the last thirty unless said."""

    since = fields.Text(
        least=10, most=10, pattern=_DAY, metadata={"description": "The first day (UTC)."}
    )
    until = fields.Text(
        least=10, most=10, pattern=_DAY, metadata={"description": "The last day (UTC)."}
    )


class Answers(Schema):
    """How often people accepted everything, refused everything, and chose."""

    accepted = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    chosen = fields.Integer(required=True)


class DayAnswers(Answers):
    """The figures of one day."""

    day = fields.Text(required=True)
    downloads_lower_bound = fields.Integer(required=True)


class LanguageAnswers(Answers):
    """The figures in one language."""

    language = fields.Text(required=True)


class LayerAnswers(Answers):
    """The figures of one layer of the banner."""

    layer = fields.Text(required=True)


class DeviceAnswers(Answers):
    """The figures of one class of device; lower bounds, for they are counted in batches."""

    device = fields.Text(required=True)


class StatisticsOut(Schema):
    """Statistics without people: every figure is rounded, the totals too."""

    site = fields.Text(required=True)
    since = fields.Text(required=True)
    until = fields.Text(required=True)
    rounded_to = fields.Integer(required=True)
    total = fields.Part(Answers, required=True)
    downloads_lower_bound = fields.Integer(
        required=True,
        metadata={
            "description": "Downloads of the script that reached us: caches hide others, so "
            "the banner was on at least so many pages."
        },
    )
    days = fields.Items(fields.Part(DayAnswers), required=True)
    languages = fields.Items(fields.Part(LanguageAnswers), required=True)
    layers = fields.Items(fields.Part(LayerAnswers), required=True)
    devices = fields.Items(fields.Part(DeviceAnswers), required=True)
