"""Why a new version is editorial or material, in words for its author."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One difference between two versions; no purpose means all of the notice's."""

    code: str
    material: bool
    purpose: str | None
    words: Mapping[str, str]


def material(code: str, name: str = "", *, purpose: str | None = None) -> Reason:
    """State a difference that consents given before do not cover."""
    return Reason(code=code, material=True, purpose=purpose, words=_words(code, name, purpose))


def editorial(code: str, name: str = "", *, purpose: str | None = None) -> Reason:
    """State a difference that leaves what people agreed to as it was."""
    return Reason(code=code, material=False, purpose=purpose, words=_words(code, name, purpose))


def _words(code: str, name: str, purpose: str | None) -> dict[str, str]:
    return {
        language: text.replace("{name}", name).replace("{purpose}", purpose or "")
        for language, text in WORDS[code].items()
    }


WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "first_version": {
        "en": "This is the first version: nobody has answered yet.",
        "fr": "C’est la première version : personne n’a encore répondu.",
    },
    "author": {
        "en": "The author asks again for “{purpose}”.",
        "fr": "L’auteur redemande l’accord pour « {purpose} ».",
    },
    "purpose_added": {
        "en": "The purpose “{purpose}” is new.",
        "fr": "La finalité « {purpose} » est nouvelle.",
    },
    "purpose_removed": {
        "en": "The purpose “{name}” is gone.",
        "fr": "La finalité « {name} » a disparu.",
    },
    "purpose_reworded": {
        "en": "“{purpose}”: what is asked reads differently ({name}).",
        "fr": "« {purpose} » : ce qui est demandé se lit autrement ({name}).",
    },
    "purpose_respelt": {
        "en": "“{purpose}”: spelling only ({name}).",
        "fr": "« {purpose} » : orthographe seulement ({name}).",
    },
    "purpose_changed": {
        "en": "“{purpose}”: {name} is not what it was.",
        "fr": "« {purpose} » : {name} n’est plus le même.",
    },
    "period_longer": {
        "en": "“{purpose}”: {name} lasts longer.",
        "fr": "« {purpose} » : {name} dure plus longtemps.",
    },
    "period_shorter": {
        "en": "“{purpose}”: {name} lasts less long.",
        "fr": "« {purpose} » : {name} dure moins longtemps.",
    },
    "people_added": {
        "en": "“{purpose}” now concerns {name} too.",
        "fr": "« {purpose} » concerne désormais aussi : {name}.",
    },
    "people_removed": {
        "en": "“{purpose}” no longer concerns {name}.",
        "fr": "« {purpose} » ne concerne plus : {name}.",
    },
    "tracker_added": {
        "en": "“{purpose}” gains the tracker {name}.",
        "fr": "« {purpose} » reçoit le traceur {name}.",
    },
    "tracker_removed": {
        "en": "“{purpose}” loses the tracker {name}.",
        "fr": "« {purpose} » perd le traceur {name}.",
    },
    "tracker_changed": {
        "en": "“{purpose}”: the tracker {name} is not what it was.",
        "fr": "« {purpose} » : le traceur {name} n’est plus le même.",
    },
    "tracker_corrected": {
        "en": "The details of the tracker {name} are corrected.",
        "fr": "Les précisions sur le traceur {name} sont corrigées.",
    },
    "cookie_added": {
        "en": "“{purpose}”: {name} is written on the device too.",
        "fr": "« {purpose} » : {name} est écrit en plus sur l’appareil.",
    },
    "cookie_removed": {
        "en": "“{purpose}”: {name} is no longer written on the device.",
        "fr": "« {purpose} » : {name} n’est plus écrit sur l’appareil.",
    },
    "lifetime_longer": {
        "en": "“{purpose}”: {name} stays longer on the device.",
        "fr": "« {purpose} » : {name} reste plus longtemps sur l’appareil.",
    },
    "lifetime_shorter": {
        "en": "“{purpose}”: {name} stays less long on the device.",
        "fr": "« {purpose} » : {name} reste moins longtemps sur l’appareil.",
    },
    "transfer_farther": {
        "en": "{name}: the data go elsewhere, or under a weaker safeguard.",
        "fr": "{name} : les données vont ailleurs, ou sous une garantie moindre.",
    },
    "transfer_nearer": {
        "en": "{name}: the data are better protected than before.",
        "fr": "{name} : les données sont mieux protégées qu’avant.",
    },
    "controller_added": {
        "en": "{name} is a new controller (CNIL 2020-092: a new list asks again).",
        "fr": "{name} est un nouveau responsable (CNIL 2020-092 : on redemande).",
    },
    "controller_changed": {
        "en": "The controller {name} is not what it was.",
        "fr": "Le responsable {name} n’est plus le même.",
    },
    "controller_removed": {
        "en": "{name} is no longer a controller.",
        "fr": "{name} n’est plus responsable.",
    },
    "controller_corrected": {
        "en": "The details of the controller {name} are corrected.",
        "fr": "Les précisions sur le responsable {name} sont corrigées.",
    },
    "recipient_added": {
        "en": "{name} is a new recipient.",
        "fr": "{name} est un nouveau destinataire.",
    },
    "recipient_changed": {
        "en": "The recipient {name} is not what it was.",
        "fr": "Le destinataire {name} n’est plus le même.",
    },
    "recipient_removed": {
        "en": "{name} no longer receives data.",
        "fr": "{name} ne reçoit plus de données.",
    },
    "recipient_corrected": {
        "en": "The details of the recipient {name} are corrected.",
        "fr": "Les précisions sur le destinataire {name} sont corrigées.",
    },
    "words_changed": {
        "en": "The words of the notice read differently ({name}).",
        "fr": "Les mots de la notice se lisent autrement ({name}).",
    },
    "words_respelt": {
        "en": "The words of the notice differ in spelling only ({name}).",
        "fr": "Les mots de la notice ne changent que d’orthographe ({name}).",
    },
    "language_added": {
        "en": "The notice can also be read in {name}.",
        "fr": "La notice se lit aussi en {name}.",
    },
    "language_back": {
        "en": "The notice is in {name} again, and may not say what it said then.",
        "fr": "La notice revient en {name}, et ne dit peut-être plus ce qu’elle disait.",
    },
    "language_removed": {
        "en": "The notice can no longer be read in {name}.",
        "fr": "La notice ne se lit plus en {name}.",
    },
    "scope_wider": {
        "en": "The choice counts on {name} too.",
        "fr": "Le choix vaut aussi sur {name}.",
    },
    "scope_narrower": {
        "en": "The choice no longer counts on {name}.",
        "fr": "Le choix ne vaut plus sur {name}.",
    },
    "devices_together": {
        "en": "A signed-in person’s choice counts on all devices, or by another rule.",
        "fr": "Le choix d’une personne connectée vaut sur tous ses appareils, ou autrement.",
    },
    "devices_apart": {
        "en": "Each device answers for itself again.",
        "fr": "Chaque appareil répond de nouveau pour lui-même.",
    },
    "right_removed": {
        "en": "A right is no longer named: {name}.",
        "fr": "Un droit n’est plus mentionné : {name}.",
    },
    "details_corrected": {
        "en": "Details are corrected: {name}.",
        "fr": "Des précisions sont corrigées : {name}.",
    },
    "cookie_renamed": {
        "en": "Choices on {name} are kept under another cookie: its visitors are asked anew.",
        "fr": "Les choix sur {name} changent de cookie : on redemande à ses visiteurs.",
    },
    "order_changed": {
        "en": "The order is different.",
        "fr": "L’ordre est différent.",
    },
    "unknown_change": {
        "en": "Something changed that no rule knows ({name}): in doubt, ask again.",
        "fr": "Un changement qu’aucune règle ne connaît ({name}) : dans le doute, redemander.",
    },
}
