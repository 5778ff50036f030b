"""The exports of other tools: which columns are read, and what their words mean.

Described for people in docs/importing.md; a test tries each on a small sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .signs import (
    ANYTHING,
    BLOCKED,
    BOUNCED,
    COMPLAINED,
    GRANTED,
    REFUSED,
    TRUE,
    UNCONFIRMED,
    Preset,
    Sign,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def _words(*words: str) -> frozenset[str]:
    return frozenset(words)


LISTMONK: Final = Preset(
    name="listmonk",
    source="listmonk",
    columns={
        "email": ("email",),
        "external_id": ("uuid",),
        "decided_at": ("subscription_updated_at", "subscription_created_at", "created_at"),
    },
    signs=(
        Sign(columns=("status",), words=_words("blocklisted", "blacklisted"), means=BLOCKED),
        Sign(columns=("status",), words=_words("disabled"), means=REFUSED),
        Sign(
            columns=("subscription_status",),
            words=_words("unsubscribed"),
            means=REFUSED,
            at=("subscription_updated_at", "updated_at"),
        ),
        Sign(columns=("subscription_status",), words=_words("unconfirmed"), means=UNCONFIRMED),
        Sign(columns=("subscription_status",), words=_words("confirmed"), means=GRANTED),
    ),
)
MAILCHIMP: Final = Preset(
    name="mailchimp",
    source="mailchimp",
    zone="UTC",
    columns={
        "email": ("email address", "email"),
        "external_id": ("euid",),
        "decided_at": ("confirm_time", "optin_time"),
    },
    signs=(
        Sign(columns=("clean_time",), words=ANYTHING, means=BOUNCED, dated=True),
        Sign(columns=("unsub_time",), words=ANYTHING, means=REFUSED, dated=True),
        Sign(
            columns=("unsub_reason",),
            words=_words("abuse", "spam", "spammy content", "spam complaint"),
            means=COMPLAINED,
        ),
        Sign(columns=("status",), words=_words("cleaned"), means=BOUNCED),
        Sign(columns=("status",), words=_words("unsubscribed"), means=REFUSED),
        Sign(
            columns=("status",),
            words=_words("pending", "transactional", "nonsubscribed", "non-subscribed"),
            means=UNCONFIRMED,
        ),
        Sign(columns=("confirm_time",), words=ANYTHING, means=GRANTED, dated=True),
    ),
)
_BREVO_LEFT: Final = ("blocklisted", "blacklisted", "unsubscribed", "no", "2")
BREVO: Final = Preset(
    name="brevo",
    source="brevo",
    columns={
        "email": ("email",),
        "phone": ("sms", "whatsapp"),
        "external_id": ("ext_id", "contact id"),
        "decided_at": ("double_opt-in_date", "opt_in_date", "added_time", "createdat"),
    },
    signs=(
        Sign(
            columns=("email_blacklisted", "emailblacklisted", "email_blocklisted"),
            words=TRUE,
            means=REFUSED,
        ),
        Sign(
            columns=("email_marketing", "email marketing", "blacklisted", "blocklisted"),
            words=frozenset(_BREVO_LEFT[:3]) | TRUE,
            means=REFUSED,
        ),
        Sign(
            columns=("hard_bounced", "hardbounced", "hard bounced"), words=TRUE, means=BOUNCED
        ),
        Sign(columns=("complained", "spam"), words=TRUE, means=COMPLAINED),
        Sign(
            columns=("double_opt-in", "double_opt_in", "opt_in"),
            words=frozenset(_BREVO_LEFT[3:]),
            means=UNCONFIRMED,
        ),
        Sign(
            columns=("double_opt-in", "double_opt_in"),
            words=_words("yes", "true", "1"),
            means=GRANTED,
        ),
    ),
)
MAUTIC: Final = Preset(
    name="mautic",
    source="mautic",
    zone="UTC",
    columns={
        "email": ("email",),
        "phone": ("mobile", "phone"),
        "external_id": ("id",),
        "decided_at": ("dateidentified", "date_identified", "dateadded", "date_added"),
    },
    signs=(
        Sign(columns=("dnc_reason", "donotcontact_reason"), words=_words("2"), means=BOUNCED),
        Sign(
            columns=("donotcontact", "do_not_contact", "do not contact", "donotemail", "dnc"),
            words=TRUE | _words("3", "email", "manual", "unsubscribed"),
            means=REFUSED,
        ),
        Sign(columns=("donotcontact", "dnc"), words=_words("2", "bounced"), means=BOUNCED),
    ),
)
HUBSPOT: Final = Preset(
    name="hubspot",
    source="hubspot",
    zone="UTC",
    columns={
        "email": ("email",),
        "phone": ("mobile phone number", "phone number"),
        "external_id": ("record id", "contact id"),
        "decided_at": ("date of consent", "create date"),
    },
    signs=(
        Sign(
            columns=("unsubscribed from all email", "opted out of all email"),
            words=TRUE,
            means=BLOCKED,
        ),
        Sign(
            columns=("email hard bounce reason", "invalid email address"),
            words=ANYTHING,
            means=BOUNCED,
        ),
        Sign(
            columns=("marketing email confirmation status",),
            words=_words("pending", "not confirmed", "unconfirmed"),
            means=UNCONFIRMED,
        ),
        Sign(
            columns=("legal basis for processing contact's data",),
            words=_words("freely given consent from contact"),
            means=GRANTED,
        ),
    ),
)


def _cookie(name: str) -> Preset:
    return Preset(
        name=name,
        source=name,
        columns={
            "visitor": ("visitor", "visitor_id", "consentid"),
            "external_id": ("external_id",),
            "cookie": ("cookie", name),
            "decided_at": ("decided_at", "date"),
        },
        signs=(),
        cookie=name,
    )


PRESETS: Final[Mapping[str, Preset]] = {
    preset.name: preset
    for preset in (
        LISTMONK,
        MAILCHIMP,
        BREVO,
        MAUTIC,
        HUBSPOT,
        _cookie("klaro"),
        _cookie("tarteaucitron"),
        _cookie("cookieconsent"),
    )
}
