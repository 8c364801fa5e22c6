"""Objects that are written without a flush are what a flush would have written."""

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Author, Entry, EntryTag, EntryWord, Post, PostAuthor, Tag
from cms.models.base import new_id
from cms.services import keeping, posts, taxonomy

BODY = {"format": "markdown", "source": "Some *text*."}


def new_post(**links):
    known = {"title": "One", "title_key": "one", "slug": "one", "locale": "en", "revision": 1}
    return Post(id=new_id(), translation_group=new_id(), **known, **links)


def stored():
    """As the database has it, whatever the session knew."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Post)).one()


def test_a_new_one_has_its_defaults_here_and_in_the_database(app):
    with app.app_context():
        with transaction():
            post = new_post()
            keeping.write(post)
        kept = {name.key: getattr(post, name.key) for name in inspect(Post).column_attrs}

        found = stored()
    assert (kept["version"], kept["seo"], kept["comments_open"]) == (1, {}, True)
    assert kept == {name: getattr(found, name) for name in kept}


def test_what_it_links_to_is_written_with_it_in_order(app):
    with app.app_context():
        with transaction():
            tags = [taxonomy.create(OPERATOR, Tag, {"name": name}).id for name in "ba"]
            author = taxonomy.create(OPERATOR, Author, {"name": "Ann"}).id
            links = [EntryTag(tag_id=one, position=n) for n, one in enumerate(tags)]
            by = [PostAuthor(author_id=author, position=0)]
            keeping.write(new_post(tag_links=links, author_links=by))

        rows = db.session.execute(select(EntryTag.tag_id).order_by(EntryTag.position))
        assert rows.scalars().all() == tags
        assert db.session.scalars(select(PostAuthor.author_id)).all() == [author]


def test_nothing_is_left_for_a_flush(app, count_queries):
    with app.app_context(), transaction():
        post = new_post(tag_links=[])
        keeping.write(post)
        post.slug, post.comments_open = "two", False
        keeping.write(post)

        with count_queries() as statements:
            db.session.flush()
        assert (statements, inspect(post).modified) == ([], False)


def test_a_change_writes_each_table_that_it_is_in_and_the_words_anew(app):
    with app.app_context():
        with transaction():
            keeping.write(new_post())
        with transaction():
            post = db.session.scalars(select(Post)).one()
            post.slug, post.excerpt = "other", "Short."
            keeping.write(post)

        words = db.session.scalars(select(EntryWord.word).order_by(EntryWord.word)).all()
        found = stored()
        assert (found.slug, found.excerpt, words) == ("other", "Short.", ["one", "other"])


def test_a_broken_constraint_is_told_as_a_flush_tells_it(app):
    with app.app_context(), transaction():
        first, second = new_post(), new_post()
        second.translation_group = first.translation_group
        keeping.write(first)

        with pytest.raises(IntegrityError):
            keeping.write(second)
        db.session.rollback()


def test_a_created_post_can_be_changed_in_the_same_transaction(app):
    with app.app_context():
        with transaction():
            tag = taxonomy.create(OPERATOR, Tag, {"name": "a"}).id
            post = posts.create(OPERATOR, {"title": "One", "body": BODY, "tag_ids": [tag]})
            posts.edit(OPERATOR, post.id, None, {"title": "Two", "tag_ids": []})

        found = db.session.scalars(select(Entry)).one()
        links = db.session.scalars(select(EntryTag)).all()
    assert (found.title, found.version, links) == ("Two", 2, [])
