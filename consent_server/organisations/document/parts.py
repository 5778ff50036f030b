"""The organisation itself, who answers for the data and who receives them."""

from dataclasses import dataclass

from .scalars import (
    Age,
    Count,
    Country,
    Email,
    Language,
    Links,
    Period,
    RecipientSlug,
    Slug,
    Text,
    TimeOfDay,
    Url,
    Words,
)
from .vocabulary import (
    Channel,
    ControllerRole,
    DeviceConflict,
    PrivacySignal,
    RecipientRole,
    Safeguard,
    Weekday,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address."""

    street: Text
    postcode: Text
    city: Text
    country: Country


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to write to."""

    email: Email
    name: Text | None = None
    phone: Text | None = None
    url: Url | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Where a person may complain."""

    name: Text
    country: Country
    url: Url
    address: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWords:
    """An organisation's own words for a message that we send in its name."""

    template: Slug
    subject: Words | None = None
    text: Words | None = None
    button: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """In whose name mail to people leaves."""

    name: Text
    email: Email
    reply_to: Email | None = None
    messages: tuple[MessageWords, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A part of the day, in the time zone of the person."""

    opens: TimeOfDay
    closes: TimeOfDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """When and how often a channel is used at most; beside what the law says, never instead."""

    channel: Channel
    attempts: Count | None = None
    within: Period | None = None
    pause_after_refusal: Period | None = None
    days: tuple[Weekday, ...] = ()
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationSettings:
    """How the server behaves for this organisation."""

    # CNIL délibération 2020-092 §39: six months for a refusal as for an acceptance.
    ask_again_after: Period = "P6M"
    # Code de la consommation, art. R.223-1. Not read at its source: write less here if your
    # counsel reads another figure.
    phone_consent_limit: Period = "P1Y"
    # Above what the law of the person's country says (GDPR art. 8).
    age_of_consent: Age | None = None
    limits: tuple[Limit, ...] = ()
    # How long before its end a consent is told as ending.
    renewal_notice: Period = "P30D"
    device_conflict: DeviceConflict = DeviceConflict.OFF
    privacy_signal: PrivacySignal = PrivacySignal.RECORD
    sandbox: bool = False


DEFAULT_SETTINGS = OrganisationSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The controller whose data this is."""

    slug: Slug
    name: Text
    legal_name: Text
    legal_id: Text
    country: Country
    languages: tuple[Language, ...]
    default_language: Language
    phone_region: Country
    address: Address
    contact: Contact
    privacy_url: Links
    complaint: Authority
    dpo: Contact | None = None
    sender: Sender | None = None
    settings: OrganisationSettings = DEFAULT_SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """A company that decides what the data are used for."""

    slug: Slug
    name: Text
    role: ControllerRole
    privacy_url: Links
    country: Country


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A company or authority, or a category of them, that receives data."""

    slug: Slug
    name: Words
    role: RecipientRole
    country: Country
    safeguard: Safeguard
    why: Words
    # An acquirer of the business answers for the data from the day of the sale.
    becomes_controller: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorDuties:
    """What holds for the data that clients of the organisation entrust to it (GDPR art. 28)."""

    statement: Words
    instructions: Words
    leaving: Words
    contact: Email
    sub_processors: tuple[RecipientSlug, ...] = ()
