"""Moderate a comment from a mail, in a browser, with no sign-in: the address is the proof.

Programs that look into mail open every link, so opening one changes nothing: its page asks, and
only what its button sends acts.
"""

from html import escape

from flask import Response

from cms.api.auth import blp
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import mail_moderation

HTML = {"type": "string"}
CONTENT_TYPE = "text/html; charset=utf-8"
# Nothing is loaded, run or framed; a page that is left tells nobody where one was.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
WORDS = {
    "approve": "approve this comment: everybody can read it then",
    "spam": "mark this comment as spam",
    "trash": "put this comment in the trash",
}
DONE = {
    "approve": "The comment is approved.",
    "spam": "The comment is marked as spam.",
    "trash": "The comment is in the trash.",
}


@blp.route("/comment-links/<token:token>/<verb:verb>")
class CommentLink(Resource):
    @blp.delivers(HTML, content_type="text/html")
    def get(self, token: str, verb: str) -> Response:
        """Say what a POST to here would do to a comment; changes nothing"""
        _, comment = mail_moderation.look(token)
        button = '<form method="post"><button>Yes</button></form>'
        return _page(f"Do you want to {WORDS[verb]}?", comment.source, button)

    @blp.delivers(HTML, content_type="text/html")
    def post(self, token: str, verb: str) -> Response:
        """Moderate the comment, once"""
        with transaction():
            mail_moderation.use(token, verb)
        return _page(DONE[verb])


def _page(said: str, quoted: str = "", form: str = "") -> Response:
    quote = f"<blockquote><pre>{escape(quoted)}</pre></blockquote>" if quoted else ""
    page = f"<!doctype html><meta charset=utf-8><title>{said}</title><p>{said}</p>{quote}{form}\n"
    return Response(page, content_type=CONTENT_TYPE, headers=HEADERS)
