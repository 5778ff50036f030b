"""The words of the verifier, in English and in French."""

from collections.abc import Mapping

from consent_server.verify.words_of_archives import ARCHIVES

LANGUAGES = ("en", "fr")

_WORDS: dict[str, tuple[str, str]] = {
    # What a check shows.
    "exact": (
        "The file is in its one exact form: no byte of it is free.",
        "Le fichier est dans sa forme exacte et unique : aucun octet n’y est libre.",
    ),
    "signed": (
        "The head of the log {origin} ({size} entries) is signed by a key you trust: {key}.",
        "La tête du journal {origin} ({size} entrées) est signée par une clé "
        "à laquelle vous vous fiez : {key}.",
    ),
    "cosigned": (
        "The witness {witness} saw the same head of the log at {time}.",
        "Le témoin {witness} a vu la même tête du journal à {time}.",
    ),
    "stamped": (
        "The authority {authority} stamped this head of the log at {time}: all that stands in "
        "it was there by then.",
        "L’autorité {authority} a horodaté cette tête du journal à {time} : tout ce qui y "
        "figure y était alors.",
    ),
    "included": (
        "The entry stands in that log, in place {index} (counted from 0): it can be neither "
        "changed nor removed without breaking the signature.",
        "L’entrée figure dans ce journal, à la place {index} (comptée depuis 0) : on ne peut "
        "ni la changer ni l’ôter sans rompre la signature.",
    ),
    "committed": (
        "The record below is, to the letter, the one that the entry committed to.",
        "L’enregistrement ci-dessous est, à la lettre près, celui auquel l’entrée "
        "s’est engagée.",
    ),
    "minute": (
        "The minute in the log ({minute}) is that of the record ({recorded_at}).",
        "La minute du journal ({minute}) est celle de l’enregistrement ({recorded_at}).",
    ),
    "about": (
        "The record is about {identifier} ({kind}).",
        "L’enregistrement concerne {identifier} ({kind}).",
    ),
    # What the proved record tells.
    "who": (
        "{organisation} recorded: {kind} {id}.",
        "{organisation} a enregistré : {kind} {id}.",
    ),
    "when": ("Recorded at {recorded_at}.", "Enregistré le {recorded_at}."),
    "decided": ("Decided at {decided_at}, it says.", "Décidé le {decided_at}, y est-il dit."),
    "notice": (
        "Under notice version {notice_version} (hash {notice_hash}), language {language}.",
        "Sous la version de notice {notice_version} (empreinte {notice_hash}), "
        "langue {language}.",
    ),
    "choice": ("{purpose}: {answer}.", "{purpose} : {answer}."),
    "did": ("Action: “{action}”.", "Geste : « {action} »."),
    "how": ("How: {surface}, action “{action}”.", "Comment : {surface}, geste « {action} »."),
    "known_by": (
        "Known from: {source}, {assertion}.",
        "Su par : {source}, {assertion}.",
    ),
    "other": ("{name}: {value}", "{name} : {value}"),
    "not_named": (
        "It concerns a person not named here.",
        "Il concerne une personne qui n’est pas nommée ici.",
    ),
    "opened_unasked": (
        "The file can show whom it concerns ({kind}): ask with --for.",
        "Le fichier peut montrer qui il concerne ({kind}) : demandez-le avec --for.",
    ),
    "key_not_hinted": (
        "None of the keys you gave is among those the file names; yours were used "
        "all the same.",
        "Aucune de vos clés n’est parmi celles que nomme le fichier ; les vôtres ont servi "
        "quand même.",
    ),
    # What stays open.
    "no_stamp": (
        "There is no outside time stamp: the time is the log’s own word.",
        "Il n’y a pas d’horodatage extérieur : l’heure est donnée par le journal seul.",
    ),
    "stamp_unvouched": (
        "A time stamp says {time}, by {authority}, for whom nobody has vouched here: give a "
        "certificate of that authority that you trust.",
        "Un horodatage dit {time}, par {authority}, dont personne ne s’est porté garant "
        "ici : donnez un certificat de cette autorité auquel vous vous fiez.",
    ),
    "no_witness": (
        "No witness you trust signed: another reader may have been shown another log.",
        "Aucun témoin de confiance n’a signé : un autre lecteur a pu voir un autre journal.",
    ),
    "cosigned_unchecked": (
        "Signed by witnesses too, but by none whose key you gave: {witnesses}.",
        "Signé aussi par des témoins, mais dont vous n’avez donné aucune clé : {witnesses}.",
    ),
    "later": (
        "It shows what was recorded then; a later decision may have changed it.",
        "Elle montre ce qui fut enregistré alors ; une décision ultérieure a pu le changer.",
    ),
    "words": (
        "The words shown are not in this file: compare them with the notice’s hash.",
        "Les mots montrés ne sont pas dans ce fichier : comparez-les à l’empreinte "
        "de la notice.",
    ),
    # Why a file is refused.
    "too_big": ("larger than {limit} bytes", "plus de {limit} octets"),
    "not_utf8": ("not UTF-8", "n’est pas de l’UTF-8"),
    "not_json": ("not JSON ({why})", "n’est pas du JSON ({why})"),
    "duplicate_key": ("the key {key} stands twice", "la clé {key} y est deux fois"),
    "not_canonical": ("no canonical form ({why})", "pas de forme canonique ({why})"),
    "not_exact": (
        "not the exact form of its content: reformatted or altered from here on",
        "pas la forme exacte de son contenu : remis en forme ou altéré à partir d’ici",
    ),
    "not_an_object": ("not an object", "n’est pas un objet"),
    "not_a_text": ("not a text", "n’est pas un texte"),
    "not_a_list": ("not a list", "n’est pas une liste"),
    "not_base64": ("not exact base64", "n’est pas du base64 exact"),
    "wrong_length": ("{got} bytes, {expected} are due", "{got} octets, il en faut {expected}"),
    "unknown_format": ("is not {expected}", "n’est pas {expected}"),
    "missing_field": ("is missing", "manque"),
    "unknown_field": ("does not belong here", "n’a rien à faire ici"),
    "bad_key": ("not a key ({why})", "n’est pas une clé ({why})"),
    "wrong_line": ("expected: {expected}", "attendu : {expected}"),
    "no_last_newline": ("does not end its last line", "ne finit pas sa dernière ligne"),
    "unknown_signature": (
        "signed under the name {name} by a key that neither you nor the file gives",
        "signé du nom de {name} par une clé que ni vous ni le fichier ne donnez",
    ),
    "bad_signature": (
        "the signature of {key} does not hold: the signature, the origin, the size or the "
        "root was altered",
        "la signature de {key} ne tient pas : la signature, l’origine, la taille ou la racine "
        "a été altérée",
    ),
    "key_without_signature": ("signed nothing here", "n’a rien signé ici"),
    "not_your_key": (
        "no key you trust signed as the log {origin}; signed by {signed}, you trust {trusted}",
        "aucune clé à laquelle vous vous fiez n’a signé pour le journal {origin} ; signé par "
        "{signed}, vous vous fiez à {trusted}",
    ),
    "bad_stamp": ("not a time stamp", "n’est pas un horodatage"),
    "stamp_of_another": (
        "a time stamp over another head of the log",
        "un horodatage d’une autre tête du journal",
    ),
    "stamp_not_trusted": (
        "damaged, or not by an authority you trust",
        "abîmé, ou d’une autre autorité que celles auxquelles vous vous fiez",
    ),
    "beyond_log": (
        "beyond the end of a log of {size} entries",
        "au-delà de la fin d’un journal de {size} entrées",
    ),
    "wrong_path_length": (
        "too few or too many hashes for this place",
        "trop ou trop peu d’empreintes pour cette place",
    ),
    "not_in_log": (
        "does not lead to the signed root: the entry is not in the log at this place",
        "ne mène pas à la racine signée : l’entrée n’est pas dans le journal à cette place",
    ),
    "not_an_entry": ("not an entry of the log", "n’est pas une entrée du journal"),
    "not_committed": (
        "not what the entry committed to: the record or its salt was altered",
        "n’est pas ce à quoi l’entrée s’est engagée : l’enregistrement ou son sel a été altéré",
    ),
    "another_minute": (
        "{recorded_at} is not in the log’s minute {minute}",
        "{recorded_at} n’est pas dans la minute {minute} du journal",
    ),
    "no_opening": (
        "the file does not show whom it concerns: nothing can be said about that identifier",
        "le fichier ne montre pas qui il concerne : rien ne peut être dit de cet identifiant",
    ),
    "opens_nobody": (
        "opens a record that names nobody",
        "ouvre un enregistrement sans personne",
    ),
    "opening_unchecked": (
        "can only be checked together with the identifier: give it with --for",
        "ne se vérifie qu’avec l’identifiant : donnez-le avec --for",
    ),
    "false_opening": ("not the opening of this record", "n’ouvre pas cet enregistrement"),
    "another_person": (
        "the record is not about that identifier ({kind}), or the opening was altered",
        "l’enregistrement ne concerne pas cet identifiant ({kind}), ou l’ouverture a été "
        "altérée",
    ),
    # The frame around them.
    "part": ("{title}:", "{title} :"),
    "placed": ("{place}: {words}", "{place} : {words}"),
    "holds": ("The proof holds.", "La preuve tient."),
    "fails": ("The proof does not hold.", "La preuve ne tient pas."),
    "proved": ("What it proves", "Ce qu’elle prouve"),
    "told": ("What the record says", "Ce que dit l’enregistrement"),
    "not_proved": ("What it does not prove", "Ce qu’elle ne prouve pas"),
    "refused": ("Where it breaks", "Où elle rompt"),
    **ARCHIVES,
}


# Terms of the records themselves; one that is not here is shown as it stands.
_TERMS: dict[str, tuple[str, str]] = {
    "decision": ("decision", "décision"),
    "subject": ("fact about a person", "fait sur une personne"),
    "link": ("link between two persons known apart", "lien entre deux personnes"),
    "suppression": ("suppression", "opposition enregistrée"),
    "erasure": ("erasure", "effacement"),
    "notice_version": ("notice version", "version de notice"),
    "clearance": ("clearance of a campaign", "contrôle d’une campagne"),
    "audit": ("administrative act", "acte d’administration"),
    "granted": ("yes (granted)", "oui (accordé)"),
    "refused": ("no (refused)", "non (refusé)"),
    "withdrawn": ("no (withdrawn)", "non (retiré)"),
    "objected": ("no (objected)", "non (opposition)"),
    "claimed": ("claimed, to be confirmed", "demandé, à confirmer"),
    "subscribe": ("fill in a form", "remplir un formulaire"),
    "confirm": ("confirm by the link in the mail", "confirmer par le lien du message"),
    "email": ("e-mail address", "adresse électronique"),
    "phone": ("phone number", "numéro de téléphone"),
    "external_id": ("customer number", "numéro de client"),
    "visitor": ("visitor number", "numéro de visiteur"),
    "first_layer": ("the banner’s first layer", "première couche du bandeau"),
    "second_layer": ("the banner’s second layer", "seconde couche du bandeau"),
    "placeholder": ("the place of held-back content", "emplacement d’un contenu retenu"),
    "page": ("a page", "une page"),
    "demo": (
        "demonstration data, nobody’s choice",
        "données de démonstration, choix de personne",
    ),
    "accept_all": ("accept all", "tout accepter"),
    "refuse_all": ("refuse all", "tout refuser"),
    "save": ("save my choices", "enregistrer mes choix"),
    "withdraw_all": ("withdraw all", "tout retirer"),
    "unsubscribe": ("unsubscribe", "se désabonner"),
    "gpc": ("the browser’s signal (GPC)", "signal du navigateur (GPC)"),
    "undo": ("undo", "annuler"),
    "witnessed": ("witnessed", "constaté"),
    "witnessed_by_key": ("witnessed by a key holder", "constaté par le titulaire d’une clé"),
    "evidenced": ("evidenced by a document", "attesté par un document"),
    "asserted": ("asserted by somebody", "affirmé par quelqu’un"),
}
_TRANSLATED = ("kind", "answer", "surface", "action", "assertion")


def say(language: str, code: str, details: Mapping[str, object] | None = None) -> str:
    """Say one thing in one of the languages."""
    at = LANGUAGES.index(language)
    shown = dict(details or {})
    for name in _TRANSLATED:
        term = shown.get(name)
        if isinstance(term, str) and term in _TERMS:
            shown[name] = _TERMS[term][at]
    return _WORDS[code][at].format(**shown)


def say_place(language: str, field: str, line: int | None, byte: int | None) -> str:
    """Name a place in the file."""
    whole, line_word, byte_word = {
        "en": ("file", "line", "byte"),
        "fr": ("fichier", "ligne", "octet"),
    }[language]
    place = field or whole
    if line is not None:
        place += f", {line_word} {line}"
    if byte is not None:
        place += f", {byte_word} {byte}"
    return place
