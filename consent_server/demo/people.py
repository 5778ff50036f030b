"""People who do not exist: names made of two lists, addresses that lead nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .setting import Setting

_FIRST: Final = (
    "Adèle", "Aïcha", "Amir", "Anouk", "Basile", "Camille", "Célia", "Côme", "Diane", "Elio",
    "Esther", "Fanny", "Gaspard", "Hana", "Inès", "Ismaël", "Jeanne", "Karim", "Léa", "Lou",
    "Malo", "Mona", "Nils", "Noé", "Océane", "Paul", "Rania", "Sacha", "Solène", "Timéo",
    "Ulysse", "Violette", "Wen", "Yanis", "Zoé",
)  # fmt: skip
# Trees, birds and weathers: words rather than families.
_LAST: Final = (
    "Alisier", "Aubépine", "Bergeronnette", "Bourrasque", "Brume", "Charme", "Cormier",
    "Érable", "Fauvette", "Giboulée", "Grésil", "Hirondelle", "Loriot", "Mésange", "Mistral",
    "Noisetier", "Orage", "Ormeau", "Peuplier", "Pinson", "Rossignol", "Saule", "Sorbier",
    "Tilleul", "Troène", "Verdier",
)  # fmt: skip
# `.example` is kept free of owners for good (RFC 2606).
_COMPANIES: Final = (
    "actuariat-nord", "banque-du-large", "caisse-des-alizes", "courtage-meridien",
    "domaine-obligataire", "fonds-boreal", "gestion-rivage", "maison-carree", "mutuelle-astre",
    "officine-lumen", "papeterie-delta", "transports-ocre",
)  # fmt: skip
_HOMES: Final = ("boite-claire", "courrier-libre", "poste-ici", "petit-nuage")
# Ranges that the French regulator keeps for fiction. Its mobile range (06 39 98) is left
# out: libphonenumber takes it for Mayotte's.
_PHONES: Final = ("+33 1 99 00", "+33 2 61 91", "+33 3 53 01", "+33 4 65 71", "+33 5 36 49")
_ACCENTS: Final = str.maketrans("àâçéèêëîïôöùûüÉ", "aaceeeeiioouuue")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Someone who was invented."""

    name: str
    email: str
    phone: str
    external_id: str
    professional: bool
    employer: str
    language: str

    @property
    def capacity(self) -> str:
        """Tell in which capacity the person deals."""
        return "professional" if self.professional else "consumer"

    @property
    def private_email(self) -> str:
        """Give another address of the same person."""
        return f"{self.email.partition('@')[0]}@{_HOMES[0]}.example"


def invent(setting: Setting, number: int) -> Person:
    """Invent the person of this number: the same one each time."""
    first, last = _FIRST[number % len(_FIRST)], _LAST[number * 7 % len(_LAST)]
    # The two lists have no common divisor, so a name comes back after 910 people only.
    more = number // (len(_FIRST) * len(_LAST))
    professional = number * 37 % 100 < setting.professionals * 100
    employer = _COMPANIES[number * 5 % len(_COMPANIES)]
    domain = employer if professional else _HOMES[1 + number % (len(_HOMES) - 1)]
    local = f"{first}.{last}{more or ''}".lower().translate(_ACCENTS)
    return Person(
        name=f"{first} {last}",
        email=f"{local}@{domain}.example",
        phone=f"{_PHONES[number % len(_PHONES)]} {number // 100 % 100:02} {number % 100:02}",
        external_id=f"{setting.slug[:3].upper()}-{number:06}",
        professional=professional,
        employer=employer,
        language="en" if number % 7 == 3 else "fr",
    )
