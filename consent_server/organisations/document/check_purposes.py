"""What a purpose may be: which basis on which channel, and what each basis asks for."""

from .catalogue import Purpose
from .law import OPT_OUT
from .parts import Organisation
from .periods import longer
from .reading import Reading
from .source import Node
from .vocabulary import CALLS, ELECTRONIC, REACHING, Assertion, Basis, Channel, Kind, Regime

# Without consent, the rules a message may rely on: CPCE art. L.34-5 for e-mail and SMS, code
# de la consommation art. L.223-1 for calls; post follows the general right to object.
_WITHOUT_CONSENT = {
    **dict.fromkeys(sorted(ELECTRONIC), (Regime.SOFT_OPT_IN, Regime.B2B_OPT_OUT)),
    Channel.PHONE: (Regime.B2B_OPT_OUT, Regime.CONTRACT),
    Channel.POST: (Regime.OPT_OUT,),
}
_MESSAGES = (Kind.NEWSLETTER, Kind.PROSPECTING)


def check_purposes(reading: Reading) -> None:
    """Note what is wrong with each purpose, and between purposes of one family."""
    for node, purpose in reading.placed(Purpose):
        _tracker_or_not(reading, node, purpose)
        _basis(reading, node, purpose)
        _consent(reading, node, purpose)
        _message(reading, node, purpose)
        _pixel(reading, node, purpose)
    _families(reading)


def _tracker_or_not(reading: Reading, node: Node, purpose: Purpose) -> None:
    if purpose.kind is Kind.TRACKER:
        if purpose.basis not in (Basis.CONSENT, Basis.EXEMPT):
            detail = (
                "a tracker rests on `consent`, or is `exempt`; nothing else allows reading or"
                " writing on someone's device (loi I&L art. 82)"
            )
            reading.fail(node, detail, field="basis")
        if purpose.channel is not Channel.WEB:
            reading.fail(node, "trackers live on the `web` channel", field="channel")
    elif purpose.basis is Basis.EXEMPT:
        detail = "only a tracker can be exempt; say which basis this purpose rests on"
        reading.fail(node, detail, field="basis")


def _basis(reading: Reading, node: Node, purpose: Purpose) -> None:
    if purpose.basis is Basis.EXEMPT and purpose.exemption_reason is None:
        detail = "an exempt purpose says why no consent is needed (consent_choice, auth, …)"
        reading.fail(node, detail, field="exemption_reason")
    if purpose.basis is not Basis.EXEMPT and purpose.exemption_reason is not None:
        detail = "only an exempt purpose has a reason of exemption; leave it out"
        reading.fail(node, detail, field="exemption_reason")
    if purpose.basis in (Basis.LEGITIMATE_INTEREST, Basis.LEGAL_OBLIGATION) and (
        purpose.grounds is None
    ):
        what = "the law" if purpose.basis is Basis.LEGAL_OBLIGATION else "the interest"
        reading.fail(node, f"say which, in each language: {what}", field="grounds")
    if purpose.basis is Basis.LEGITIMATE_INTEREST:
        _objection(reading, node, purpose)


def _pixel(reading: Reading, node: Node, purpose: Purpose) -> None:
    # CNIL, délibération 2026-042 (PIX-1, PIX-4): reading on a device, of professionals too.
    if purpose.slug == "email_open_tracking" and purpose.basis is not Basis.CONSENT:
        detail = (
            "knowing whether a mail was opened rests on a `consent` of its own, apart from the"
            " letter's (CNIL 2026-042)"
        )
        reading.fail(node, detail, field="basis")


def _objection(reading: Reading, node: Node, purpose: Purpose) -> None:
    if purpose.opt_out is None:
        detail = "say, in each language, how people object (GDPR art. 21(4))"
        reading.fail(node, detail, field="opt_out")
    if not purpose.relationships:
        detail = "name the relationships whose people this concerns"
        reading.fail(node, detail, field="relationships")


def _consent(reading: Reading, node: Node, purpose: Purpose) -> None:
    if purpose.basis is not Basis.CONSENT:
        return
    if purpose.proof_period is None:
        detail = "say how long the proof of consent is kept, such as P3Y"
        reading.fail(node, detail, field="proof_period")
    if purpose.kind is Kind.TRACKER and purpose.assertion is not Assertion.WITNESSED:
        detail = "a tracker choice is made in the banner; only `witnessed` is enough"
        reading.fail(node, detail, field="assertion")
    if purpose.channel in CALLS:
        _phone_consent(reading, node, purpose)


def _phone_consent(reading: Reading, node: Node, purpose: Purpose) -> None:
    for _, organisation in reading.placed(Organisation):
        limit = organisation.settings.phone_consent_limit
        if purpose.validity is None or longer(purpose.validity, limit):
            detail = f"consent to calls lasts {limit} at most; write that or less"
            reading.fail(node, detail, field="validity")
    if purpose.proof_period is not None and longer("P3Y", purpose.proof_period):
        detail = "the proof of consent to calls is kept for P3Y at least"
        reading.fail(node, detail, field="proof_period")


def _message(reading: Reading, node: Node, purpose: Purpose) -> None:
    if purpose.kind not in _MESSAGES:
        return
    allowed = _allowed(reading, purpose.channel)
    if allowed is None:
        ways = ", ".join(channel for channel in Channel if channel in REACHING)
        detail = f"a {purpose.kind} goes by one of {ways}"
        reading.fail(node, detail, field="channel")
    elif purpose.basis is Basis.LEGITIMATE_INTEREST:
        named = [regime for regime in purpose.regimes if regime in allowed]
        if not named or len(named) != len(purpose.regimes):
            detail = (
                f"without consent, by {purpose.channel}, name the rule relied on:"
                f" {', '.join(allowed)}"
            )
            reading.fail(node, detail, field="regimes")
    elif purpose.basis is not Basis.CONSENT:
        detail = f"a {purpose.kind} rests on consent or legitimate_interest"
        reading.fail(node, detail, field="basis")


def _allowed(reading: Reading, channel: Channel) -> tuple[Regime, ...] | None:
    allowed = _WITHOUT_CONSENT.get(channel)
    opt_out = any(each.country in OPT_OUT for _, each in reading.placed(Organisation))
    return (*allowed, Regime.OPT_OUT) if allowed and opt_out else allowed


def _families(reading: Reading) -> None:
    seen: dict[tuple[str, str], str] = {}
    for node, purpose in reading.placed(Purpose):
        place = (purpose.family or purpose.slug, purpose.channel.value)
        first = seen.setdefault(place, purpose.slug)
        if first != purpose.slug:
            detail = (
                f"`{first}` already is the family `{place[0]}` by {place[1]}; a family and a"
                " channel name one purpose"
            )
            reading.fail(node, detail, field="family")
