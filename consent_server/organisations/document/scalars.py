"""The small values of the organisation file: what each may be, said in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from .countries import COUNTRIES
from .periods import duration

# Plain texts to whoever reads a document; their names tell the reader of a file what to check.
Slug = Annotated[str, "Slug"]
Text = Annotated[str, "Text"]
Country = Annotated[str, "Country"]
Language = Annotated[str, "Language"]
Period = Annotated[str, "Period"]
Lifetime = Annotated[str, "Lifetime"]
Email = Annotated[str, "Email"]
Url = Annotated[str, "Url"]
Origin = Annotated[str, "Origin"]
Term = Annotated[str, "Term"]
Colour = Annotated[str, "Colour"]
Pixels = Annotated[str, "Pixels"]
CookieName = Annotated[str, "CookieName"]
Domain = Annotated[str, "Domain"]
SitePath = Annotated[str, "SitePath"]
Milliseconds = Annotated[str, "Milliseconds"]
Count = Annotated[str, "Count"]
Age = Annotated[str, "Age"]
TimeOfDay = Annotated[str, "TimeOfDay"]
# The name of a variable on a page.
Identifier = Annotated[str, "Identifier"]
# A text in every language of the organisation.
Words = Annotated[Mapping[str, str], "Words"]
# A web address in every language.
Links = Annotated[Mapping[str, str], "Links"]
# References to what is declared elsewhere in the file.
SiteSlug = Annotated[str, "SiteSlug"]
PurposeSlug = Annotated[str, "PurposeSlug"]
RecipientSlug = Annotated[str, "RecipientSlug"]
RelationshipName = Annotated[str, "RelationshipName"]
RoleSlug = Annotated[str, "RoleSlug"]

_SLUG = re.compile(r"[a-z0-9_.-]{1,64}")
_TERM = re.compile(r"[A-Z][A-Za-z]{2,63}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PIXELS = re.compile(r"[0-9]{1,2}px")
# Read with no escaping by any language a site's own server may be written in.
_COOKIE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_SITE_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~/-]{1,199}")
_MILLISECONDS = re.compile(r"[0-9]{1,4}")
_COUNT = re.compile(r"[0-9]|[1-9][0-9]")
_AGE = re.compile(r"1[3-8]")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_IDENTIFIER = re.compile(r"_?[A-Za-z][A-Za-z0-9_]{0,62}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:]+\]")
_LOOPBACK = re.compile(r"localhost|.+\.localhost|127\.0\.0\.1|\[::1\]")
# Words are plain text: what looks like a tag or an entity was meant for another format,
# and would be shown to people letter by letter.
_MARKUP = re.compile(r"<[A-Za-z/!?]|&[A-Za-z]{2,8};|&#\d")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_LONGEST_TEXT = 8_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """One kind of small value: its check, and what to write, for the author of the file."""

    check: Callable[[str], str]
    wanted: str
    variables: bool = False


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if pattern.fullmatch(value) is None:
            raise ValueError
        return value

    return check


def plain_text(value: str) -> str:
    """Text as people will read it: no markup, no unseen characters, no loose ends."""
    text = value.strip()
    if not text:
        raise ValueError("it is empty")
    if found := _MARKUP.search(text):
        raise ValueError(f"{found.group()!r} looks like markup; words are plain text")
    if _UNSEEN.search(text):
        raise ValueError("it holds a control character that nobody can see")
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"it is longer than {_LONGEST_TEXT:,} characters")
    return text


def _country(value: str) -> str:
    if value in COUNTRIES:
        return value
    raise ValueError({"UK": "write GB", "EL": "write GR"}.get(value.upper(), ""))


def _period(value: str) -> str:
    if duration(value).mean_seconds <= 0:
        raise ValueError("it lasts no time")
    return value


def _language(value: str) -> str:
    if value in ("nb", "nn"):
        raise ValueError("Norwegian is written no")
    return _matching(_LANGUAGE)(value)


def _lifetime(value: str) -> str:
    return value if value == "session" else _period(value)


def _email(value: str) -> str:
    try:
        return validate_email(value.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error


def _url(value: str) -> str:
    parts = urlsplit(value)
    _web_host(parts.scheme, parts.hostname or "")
    if parts.username is not None or parts.password is not None or _UNSEEN.search(value):
        raise ValueError("an address holds no name, password or control character")
    return value


def _origin(value: str) -> str:
    parts = urlsplit(value)
    _web_host(parts.scheme, parts.hostname or "")
    if value != f"{parts.scheme}://{parts.netloc}" or "@" in value or value != value.lower():
        raise ValueError("no path, no slash at the end, small letters only")
    if parts.port == {"https": 443, "http": 80}[parts.scheme]:
        raise ValueError("leave out the usual port: browsers do")
    return value


def _web_host(scheme: str, host: str) -> None:
    name = f"[{host}]" if ":" in host else host
    if _HOST.fullmatch(name) is None:
        raise ValueError("the host name cannot be read")
    if scheme != "https" and not (scheme == "http" and _LOOPBACK.fullmatch(name)):
        raise ValueError("it must begin with https:// (http:// only on localhost)")


SCALARS: dict[object, Scalar] = {
    Slug: Scalar(_matching(_SLUG), "1 to 64 of the characters a-z 0-9 _ . -"),
    Text: Scalar(plain_text, "a text"),
    Country: Scalar(_country, "a country's two capital letters (ISO 3166), such as FR"),
    Language: Scalar(_language, "a language's two small letters, such as fr"),
    Period: Scalar(_period, "an ISO 8601 duration, such as P6M, P3Y or P30D"),
    Lifetime: Scalar(_lifetime, "an ISO 8601 duration, such as P13M or PT30M, or session"),
    Email: Scalar(_email, "an e-mail address"),
    Url: Scalar(_url, "a web address beginning with https://", variables=True),
    Origin: Scalar(_origin, "an origin such as https://www.example.com", variables=True),
    Colour: Scalar(_matching(_COLOUR), 'a colour such as "#1d4fc4", between quotes'),
    Pixels: Scalar(_matching(_PIXELS), "a length from 0px to 99px"),
    CookieName: Scalar(
        _matching(_COOKIE_NAME), "a letter, then at most 63 of the characters A-Z a-z 0-9 _ -"
    ),
    Domain: Scalar(
        _matching(_DOMAIN), "a domain such as example.com, in small letters", variables=True
    ),
    SitePath: Scalar(
        _matching(_SITE_PATH),
        "a path on the site itself, such as /logo.svg: before the choice a banner may ask"
        " nothing of anybody else",
    ),
    Milliseconds: Scalar(_matching(_MILLISECONDS), "milliseconds, from 0 to 9999"),
    Count: Scalar(_matching(_COUNT), "a whole number from 0 to 99"),
    Age: Scalar(_matching(_AGE), "an age in years, from 13 to 18"),
    TimeOfDay: Scalar(_matching(_TIME_OF_DAY), 'a time of the day such as "09:30"'),
    Identifier: Scalar(_matching(_IDENTIFIER), "the name of a variable, such as dataLayer"),
    Term: Scalar(_matching(_TERM), "a term of the Data Privacy Vocabulary, such as Marketing"),
}

# Where the thing that a reference names is declared, and by which field.
REFERENCES: dict[object, tuple[str, str, str]] = {
    SiteSlug: ("sites", "slug", "site"),
    PurposeSlug: ("purposes", "slug", "purpose"),
    RecipientSlug: ("recipients", "slug", "recipient"),
    RelationshipName: ("relationships", "kind", "relationship"),
    RoleSlug: ("access/roles", "slug", "role"),
}
