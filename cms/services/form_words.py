"""What the form for a comment says, by language. A language that is not here reads English."""

FALLBACK = "en"
WORDS = {
    "en": {
        "title": "Leave a Reply",
        "notice": "Your email address will not be published. Required fields are marked *",
        "author_name": "Name",
        "author_email": "Email",
        "author_url": "Website",
        "body": "Comment",
    },
    "es": {
        "title": "Deja un comentario",
        "notice": "Tu dirección de correo electrónico no se publicará. "
        "Los campos obligatorios están marcados con *",
        "author_name": "Nombre",
        "author_email": "Correo electrónico",
        "author_url": "Sitio web",
        "body": "Comentario",
    },
    "de": {
        "title": "Schreiben Sie einen Kommentar",
        "notice": "Ihre E-Mail-Adresse wird nicht veröffentlicht. "
        "Erforderliche Felder sind mit * markiert",
        "author_name": "Name",
        "author_email": "E-Mail-Adresse",
        "author_url": "Website",
        "body": "Kommentar",
    },
    "fr": {
        "title": "Laisser un commentaire",
        "notice": "Votre adresse e-mail ne sera pas publiée. "
        "Les champs obligatoires sont indiqués avec *",
        "author_name": "Nom",
        "author_email": "E-mail",
        "author_url": "Site web",
        "body": "Commentaire",
    },
}


def in_language(locale: str) -> dict[str, str]:
    """`pt-BR` reads `pt-BR`, else `pt`, else the fallback."""
    language = locale.partition("-")[0].lower()
    return WORDS.get(locale) or WORDS.get(language) or WORDS[FALLBACK]
