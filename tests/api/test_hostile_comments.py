"""Every hostile string in every field, by every way that words get in, read wherever they get out.

Nothing of them is markup anywhere, and nothing that a client sends is a mistake of ours.
"""

import json
import re
from dataclasses import replace
from email.message import EmailMessage

import orjson
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, Mail, MailKind, User
from cms.services import clock, mail_texts
from tests import building
from tests.commenting import approved, archived, send, url_of, words
from tests.content.hostile import HOSTILE, violations
from tests.syndicated import parsed
from tests.test_mailing import LINK

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("unlimited")]

QUEUE = "/api/v1/manage/comments"
TAKEN, REFUSED = {200, 201, 202}, {400, 409, 422}
HEADERS = {"From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version"}
HEADERS |= {"Content-Type", "Content-Transfer-Encoding"}
LIVE = {"script", "img", "svg", "iframe", "object", "embed", "style", "link", "base", "math"}


def ask(client, method, url, body, **headers):
    """As a script sends it: also what is no text, as `\\\\ud800`."""
    with client.application.app_context():
        raw = json.dumps(body).encode()
        sent = {"data": raw, "content_type": "application/json", "headers": headers}
        answer = client.open(url, method=method, **sent)
    assert answer.status_code in TAKEN | REFUSED, (body, answer.json)
    return answer


def fields(text):
    """A hostile string in each field that a reader writes."""
    yield {"body": text}
    yield {"author_name": f"N{text}"[:80]}
    yield {"author_url": text}
    yield {"author_url": f"https://example.org/{text}"}
    yield {"author_email": text}
    yield {"author_email": f'"{text}"@example.org'}


def together(text):
    """The same in fewer comments: one has it wherever it may be, the others where it may not."""
    body, name, url, address, *emails = fields(text)
    return [body | name | address, url, *emails]


def create(who, post):
    for text in HOSTILE:
        for values in together(text):
            ask(who.client, "POST", url_of(post), words(**values))


def edit(who, post):
    """What waits is replaced; what is approved has its edit accepted."""
    for at, text in enumerate(HOSTILE):
        given = send(who.client, post).json["data"]
        url = f"{QUEUE}/{given['id']}"
        if at % 2:
            ask(who.admin, "PATCH", url, {"status": "approved"}, **building.ANY)
        receipt, own = f"Receipt {given['receipt']}", f"/api/v1/comments/{given['id']}/receipt"
        edited = ask(who.client, "PATCH", own, {"body": text}, Authorization=receipt)
        if at % 2 and edited.status_code == 200:
            ask(who.admin, "PATCH", url, {"edit": "accept"}, **building.ANY)


def reply(who, post):
    for text in HOSTILE:
        root = approved(who.admin, post)
        ask(who.admin, "POST", f"{QUEUE}/{root}/reply", {"body": text})


def redacted(who, post):
    for text in HOSTILE:
        body = {"body": f"{text}\n\nann@example.org {text}"}
        answer = ask(who.client, "POST", url_of(post), words(**body))
        if answer.status_code == 202:
            changes = {"status": "approved", "use": "redacted"}
            url = f"{QUEUE}/{answer.json['data']['id']}"
            assert ask(who.admin, "PATCH", url, changes, **building.ANY).status_code == 200


def import_(who, post):
    for text in HOSTILE:
        more = dict.fromkeys(("body", "note", "consent", "user_agent"), text)
        whole, *others = together(text)
        for values in (more | whole, *others):
            raw = json.dumps([archived(post) | values]).encode()
            sent = building.form(raw, "comments.json")
            answer = who.admin.post(f"{QUEUE}/import", **sent)
            assert answer.status_code in TAKEN | REFUSED, (values, answer.json)


@pytest.fixture
def who(client, admin):
    class Who:
        pass

    found = Who()
    found.client, found.admin = client, admin
    return found


@pytest.mark.parametrize("way", [create, edit, reply, redacted, import_])
def test_hostile_words_are_words_wherever_they_are_read(app, who, post, monkeypatch, way):
    way(who, post)
    number = len(ids(app))
    assert number > len(HOSTILE) / 2
    mails = mailed(app, monkeypatch, post)
    for name in ("pending", "spam"):
        approve(who.admin, name)

    judge_json(everything(who.client, url_of(post)), number)
    judge_json(everything(who.admin, QUEUE), number)
    shown = who.client.get(f"/api/v1/posts/{post['slug']}?include=comments,jsonld")
    judge_json(shown.json["data"]["comments"]["items"], 1)
    for notation in ("json", "atom"):
        judge_feed(who.client, post, notation)
    for mail, asked in mails:
        judge_mail(mail)
        judge_page(asked)


def ids(app):
    with app.app_context():
        return db.session.scalars(select(Comment.id)).all()


def approve(admin, status):
    while waiting := [
        one["id"] for one in admin.get(f"{QUEUE}?status={status}&limit=100").json["data"]
    ]:
        answer = admin.post(f"{QUEUE}/bulk", json={"ids": waiting, "status": "approved"})
        assert [one["reason"] for one in answer.json["data"]] == [None] * len(waiting)


def everything(client, url):
    page = client.get(f"{url}?limit=100").json
    while True:
        for one in page["data"]:
            yield one
            yield from one.get("replies", [])
        if page["links"]["next"] is None:
            return
        page = client.get(page["links"]["next"]).json


def judge_json(comments, least):
    found = list(comments)
    assert len(found) >= least
    for one in found:
        assert violations(one["body"]["html"]) == [], one
        assert all(rel_of(link) for link in re.findall(r"<a [^>]*>", one["body"]["html"])), one
        author = one["author"]
        assert not set("<>\n\r\u2028\u202e") & set(author["name"]), one
        assert author["url"] is None or re.fullmatch(r"https?://[^\s\"'<>`]+", author["url"]), one


def rel_of(link):
    return 'rel="nofollow ugc noopener"' in link


def judge_feed(client, post, notation):
    for path in (f"/posts/{post['slug']}/comments", "/comments"):
        answer = client.get(f"/api/v1{path}.{notation}?limit=100")
        assert answer.status_code == 200
        items = parsed(answer.data, notation)
        assert len(items) > 20
        for item in items:
            assert violations(item["html"]) == [], item
            assert not set("<>") & set("".join(item["authors"])), item
    if notation == "atom":
        elements = set(re.findall(rb"<([A-Za-z][\w:]*)", answer.data))
        assert not {one.decode() for one in elements} & (LIVE - {"link"})


def mailed(app, monkeypatch, post):
    """A mail to a moderator for each twenty that wait, and what its links ask before they act."""
    settings = {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "cms@example.org"}
    monkeypatch.setitem(app.config, "CMS", replace(app.config["CMS"], **settings))
    found = []
    with app.app_context():
        moderator = building.person("moderator")
        with transaction():
            db.session.get(User, moderator).comment_mail = "at_once"
        waiting = db.session.scalars(select(Comment.id).filter_by(status="pending")).all()
        for at in range(0, len(waiting), 20):
            with transaction():
                about = {"ids": waiting[at : at + 20], "more": 0}
                mail = Mail(kind=MailKind.COMMENTS, user_id=moderator, about=about, attempts=1)
                mail.created_at = clock.now()
                db.session.add(mail)
                db.session.flush()
                user = db.session.get(User, moderator)
                found.append(mail_texts.message(mail, user, clock.now()))
    client = app.test_client()
    return [(mail, asked_before(client, mail)) for mail in found]


def asked_before(client, mail):
    text = mail.get_content()
    return [
        client.get(f"/api/v1/auth/comment-links/{token}/{verb}").text
        for token, verb in LINK.findall(text)
        if verb == "approve"
    ]


def judge_mail(mail: EmailMessage):
    assert (set(mail.keys()), mail.get_content_type()) == (HEADERS, "text/plain")
    lines = mail.get_content().splitlines()
    ours = "\n".join(line for line in lines if not line.startswith(">"))
    theirs = "\n".join(line for line in lines if line.startswith(">"))
    assert not re.search(r"alert|onerror|script|evil|[<>]", ours)
    assert not re.search(r"://|@|\w[.。]\w|\b(mailto|javascript|data):", theirs)
    # What is read again is what was meant: nothing in it was taken for the end of something.
    assert len(LINK.findall(ours)) >= 3


def judge_page(pages):
    assert pages
    for page in pages:
        for node in LexborHTMLParser(page).root.traverse():
            assert node.tag not in LIVE - {"style"}, page
            assert not [name for name in node.attributes if name.startswith("on")], page


def test_what_is_no_text_is_refused_and_nothing_of_it_is_kept(app, who, post):
    no_text = [text for text in HOSTILE if not is_text(text)]
    assert no_text
    for text in no_text:
        for values in fields(text):
            answer = ask(who.client, "POST", url_of(post), words(**values))
            assert answer.status_code in REFUSED, values
    assert ids(app) == []


def is_text(text):
    try:
        orjson.dumps(text)
    except TypeError:
        return False
    return not re.search(r"[\x00-\x08]", text)
