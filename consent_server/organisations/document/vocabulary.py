"""The closed lists of the organisation file; they only grow."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a purpose reaches the person."""

    WEB = "web"
    EMAIL = "email"
    SMS = "sms"
    MMS = "mms"
    FAX = "fax"
    AUTOMATED_CALL = "automated_call"
    # A human being calls.
    PHONE = "phone"
    POST = "post"
    NONE = "none"


# Channels that reach a person without anyone of ours speaking (CPCE L.34-5).
ELECTRONIC = frozenset(
    {Channel.EMAIL, Channel.SMS, Channel.MMS, Channel.FAX, Channel.AUTOMATED_CALL}
)
# Only a use on one of these reaches the person: a lawsuit does not.
REACHING = ELECTRONIC | {Channel.PHONE, Channel.POST}
# Where a phone rings and somebody is called away from what they do.
CALLS = frozenset({Channel.PHONE, Channel.AUTOMATED_CALL})
# What takes a telephone number to reach anyone.
NUMBERED = CALLS | {Channel.SMS, Channel.MMS, Channel.FAX}


class Kind(StrEnum):
    """What sort of use a purpose is."""

    TRACKER = "tracker"
    NEWSLETTER = "newsletter"
    PROSPECTING = "prospecting"
    OTHER = "other"


class Basis(StrEnum):
    """The legal basis of a purpose (GDPR art. 6; `exempt`: loi I&L art. 82)."""

    CONSENT = "consent"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    EXEMPT = "exempt"


class Assertion(StrEnum):
    """How well a yes must be known, weakest first."""

    ASSERTED = "asserted"
    EVIDENCED = "evidenced"
    WITNESSED = "witnessed"


class Regime(StrEnum):
    """The rule of prospecting an organisation relies on where it does not ask for consent."""

    SOFT_OPT_IN = "soft_opt_in"
    B2B_OPT_OUT = "b2b_opt_out"
    OPT_OUT = "opt_out"
    CONTRACT = "contract"


class Sector(StrEnum):
    """What is sold, where the law forbids to offer it by phone (C. conso L.223-1)."""

    ENERGY_RENOVATION = "energy_renovation"
    HOME_ACCESSIBILITY = "home_accessibility"


class Weekday(StrEnum):
    """A day of the week, in the order of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Exemption(StrEnum):
    """Why a tracker needs no consent (CNIL, délibération 2020-091, art. 5)."""

    CONSENT_CHOICE = "consent_choice"
    AUTH = "auth"
    BASKET_BILLING = "basket_billing"
    UI_CUSTOMISATION = "ui_customisation"
    LOAD_BALANCING = "load_balancing"
    PAYWALL_METERING = "paywall_metering"
    AUDIENCE_MEASUREMENT = "audience_measurement"
    TRANSMISSION = "transmission"


class Safeguard(StrEnum):
    """What protects data where they go (GDPR art. 44 to 49)."""

    NONE_NEEDED_EU = "none_needed_eu"
    ADEQUACY = "adequacy"
    SCC = "scc"
    BCR = "bcr"
    DEROGATION = "derogation"


class ControllerRole(StrEnum):
    """How a company answers for the data."""

    CONTROLLER = "controller"
    JOINT = "joint"
    AFFILIATE = "affiliate"


class RecipientRole(StrEnum):
    """Why a company or authority receives data."""

    PROCESSOR = "processor"
    THIRD_PARTY = "third_party"
    AUTHORITY = "authority"
    ACQUIRER = "acquirer"


class RelationshipKind(StrEnum):
    """What a person is to the organisation."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    CUSTOMER_EMPLOYEE = "customer_employee"
    CONSULTANT = "consultant"
    PARTNER = "partner"
    SUPPLIER = "supplier"
    SITE_USER = "site_user"


class Capacity(StrEnum):
    """In which capacity a person deals with the organisation."""

    CONSUMER = "consumer"
    PROFESSIONAL = "professional"


class CountsFrom(StrEnum):
    """The event from which a retention period counts."""

    LAST_CONTACT = "last_contact"
    COLLECTION = "collection"
    END_OF_RELATION = "end_of_relation"
    SETTLEMENT = "settlement"


class SourceKind(StrEnum):
    """Where a fact about a person comes from."""

    FORM = "form"
    MEETING = "meeting"
    MAIL = "mail"
    CALL = "call"
    CONTRACT = "contract"
    DEVICE = "device"
    THIRD_PARTY = "third_party"
    EMPLOYER = "employer"


class Surface(StrEnum):
    """Where the words of a notice are shown or said."""

    BANNER = "banner"
    FORM = "form"
    CALL_SCRIPT = "call_script"
    POLICY = "policy"


class Right(StrEnum):
    """What a person may ask (GDPR art. 12 to 22 and 77; loi I&L art. 85)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    PORTABILITY = "portability"
    AFTER_DEATH = "after_death"
    COMPLAINT = "complaint"


class Way(StrEnum):
    """By which door a right is exercised."""

    SELF_SERVICE = "self_service"
    UNSUBSCRIBE_LINK = "unsubscribe_link"
    BANNER = "banner"
    REQUEST_PAGE = "request_page"
    EMAIL = "email"
    POST = "post"
    AUTHORITY = "authority"


class IdentityProof(StrEnum):
    """What a person must show first; a document is never the rule (GDPR art. 12(6))."""

    NONE = "none"
    MAGIC_LINK = "magic_link"
    ON_REASONABLE_DOUBT = "on_reasonable_doubt"


class Area(StrEnum):
    """A part of the records that a role may see or change."""

    PEOPLE = "people"
    DECISIONS = "decisions"
    PERMISSIONS = "permissions"
    CATALOGUE = "catalogue"
    NOTICES = "notices"
    REQUESTS = "requests"
    RETENTION = "retention"
    VAULT = "vault"
    LEDGER = "ledger"
    AUDIT_TRAIL = "audit_trail"
    KEYS = "keys"
    ORGANISATION = "organisation"


class SignIn(StrEnum):
    """What staff need to enter the console."""

    PASSWORD = "password"  # noqa: S105 - the name of a method, not a secret
    PASSWORD_AND_CODE = "password_and_code"  # noqa: S105 - likewise


class DeviceConflict(StrEnum):
    """Which choice wins when a signed-in person chose differently on two devices."""

    OFF = "off"
    LAST_CHOICE = "last_choice"
    ACCOUNT_CHOICE = "account_choice"


class PrivacySignal(StrEnum):
    """What a Sec-GPC signal does: kept with the choice, or taken as a refusal at once."""

    RECORD = "record"
    REFUSE = "refuse"


class Party(StrEnum):
    """Whose site a cookie belongs to."""

    FIRST = "first"
    THIRD = "third"


class Storage(StrEnum):
    """Where on the device a tracker writes."""

    COOKIE = "cookie"
    LOCAL_STORAGE = "local_storage"
    SESSION_STORAGE = "session_storage"


class Layout(StrEnum):
    """Where the banner stands: along the bottom, in a corner, or in the middle."""

    BAR = "bar"
    CARD = "card"
    DIALOG = "dialog"


class ColourScheme(StrEnum):
    """Whether the banner is light or dark, or follows the visitor's device."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class PianoMode(StrEnum):
    """What Piano Analytics may do without a yes (its own words)."""

    OPT_OUT = "opt-out"
    ESSENTIAL = "essential"


class MarkupVendor(StrEnum):
    """The banners whose markup is understood."""

    VANILLA_COOKIECONSENT = "vanilla-cookieconsent"
    KLARO = "klaro"
    TARTEAUCITRON = "tarteaucitron"
    COOKIEBOT = "cookiebot"
    ONETRUST = "onetrust"
