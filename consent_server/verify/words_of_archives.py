"""The verifier's words for the archive of a dispute, in English and in French."""

ARCHIVES: dict[str, tuple[str, str]] = {
    "archive_signed": (
        "The list of the files is signed by a key you trust: {key}.",
        "La liste des fichiers est signée par une clé à laquelle vous vous fiez : {key}.",
    ),
    "archive_whole": (
        "Each of the {count} files is the one listed, to the byte, and there is no other.",
        "Chacun des {count} fichiers est celui de la liste, à l’octet près, et il n’y en a pas "
        "d’autre.",
    ),
    "archive_proof": ("{file}: the proof holds.", "{file} : la preuve tient."),
    "archive_said": (
        "the words shown are those of {words}, to the letter",
        "les mots montrés sont ceux de {words}, à la lettre près",
    ),
    "archive_shown": (
        "What stands in {folder} is what was kept when the banner was published.",
        "Ce qui figure dans {folder} est ce qui a été conservé à la publication du bandeau.",
    ),
    "archive_cover": (
        "The cover pages, and the answer they tell, are the word of whoever signed the list.",
        "Les pages de garde, et la réponse qu’elles donnent, sont la parole de qui a signé la "
        "liste.",
    ),
    "archive_unstamped": (
        "No outside time stamp was checked: the times are the log’s own word.",
        "Aucun horodatage extérieur n’a été vérifié : les heures sont données par le journal "
        "seul.",
    ),
    "archive_complete": (
        "That there is no other decision: the archive holds what its maker put into it.",
        "Qu’il n’existe pas d’autre décision : l’archive contient ce qu’y a mis son auteur.",
    ),
    "archive_broken": (
        "not an archive of plain files",
        "n’est pas une archive de fichiers simples",
    ),
    "archive_twice": ("stands twice in the archive", "figure deux fois dans l’archive"),
    "archive_changed": (
        "not the file that was listed: it was altered",
        "n’est pas le fichier de la liste : il a été altéré",
    ),
    "archive_words": (
        "not the words that the record names",
        "ne sont pas les mots que nomme l’enregistrement",
    ),
    "archive_about_nobody": (
        "no proof in the archive is shown to be about that identifier",
        "aucune preuve de l’archive ne se montre être au sujet de cet identifiant",
    ),
    "statement_shape": (
        "not a signed statement in its one form",
        "n’est pas une déclaration signée dans sa forme unique",
    ),
    "statement_by_another": (
        "signed by no key you trust, or altered",
        "signée par aucune clé à laquelle vous vous fiez, ou altérée",
    ),
    "bad_statement": (
        "the signature of {key} does not hold: the list of files was altered",
        "la signature de {key} ne tient pas : la liste des fichiers a été altérée",
    ),
}
