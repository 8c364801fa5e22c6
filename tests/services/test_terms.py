"""Terms have the orders of their rows, whoever wrote them."""

from sqlalchemy import select, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Publication, PublicationTerm
from cms.services import terms
from tests import building
from tests.building import ANY

ORDERS = ("published_at", "visible_from", "title_key", "position", "kind", "locale", "entry_id")


def strangers() -> list:
    """Terms that differ from their row."""
    mine = [getattr(PublicationTerm, name) for name in ORDERS]
    rows = [getattr(Publication, name) for name in ORDERS]
    joined = Publication.id == PublicationTerm.publication_id
    found = db.session.execute(select(*mine, *rows).join(Publication, joined)).all()
    return [one for one in found if one[: len(ORDERS)] != one[len(ORDERS) :]]


def test_what_a_program_without_orders_wrote_is_mended(app, editor):
    tag = building.tag(editor)["id"]
    building.published_post(editor, title="Äpfel", tag_ids=[tag])
    building.published_faq(editor, tag_ids=[tag], position=3)
    old = {"visible_from": terms.WITHOUT_ORDER, "title_key": "", "position": 0}
    with app.app_context():
        assert strangers() == []
        with transaction():
            db.session.execute(update(PublicationTerm).values(old))
        assert strangers() != []
        with transaction():
            assert terms.mend() == 2
        assert strangers() == []
        with transaction():
            assert terms.mend() == 0


def test_what_is_put_off_is_found_at_its_time(app, editor):
    post = building.post(editor, tag_ids=[building.tag(editor)["id"]])
    building.publish(editor, post, publish_at="2039-01-01T00:00:00Z")
    url, later = f"/api/v1/manage/posts/{post['id']}/publication", "2039-02-01T00:00:00Z"
    assert editor.patch(url, json={"publish_at": later}, headers=ANY).status_code == 200

    with app.app_context():
        assert db.session.scalar(select(PublicationTerm.visible_from)).month == 2
        assert strangers() == []
