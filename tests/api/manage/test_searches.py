"""Searches that find nothing are counted for editors, without a trace of who searched."""

import time
from collections import Counter
from datetime import date, timedelta

from sqlalchemy import func, select

from cms.api import unanswered
from cms.database import transaction
from cms.extensions import db
from cms.models import SearchMiss
from cms.services import search_misses
from cms.times import utc_now
from tests import building

SEARCHES = "/api/v1/manage/searches"
# Typed three times each; only the first four may be kept.
TYPED = {
    "Größe  zählt": "grosse zahlt",
    '"Cold feet"': "cold feet",
    "covid 19": "covid 19",
    "按摩": "按 摩",
    "ada@example.org": None,
    "ada\uff20example.org": None,
    "https://example.org/x": None,
    "+44 20 7946 0958": None,
    "born 12.03.1985": None,
    "x" * 31: None,
    "word " * 30: None,
    "%%%": None,
}


def search(client, text, **others):
    answer = client.get("/api/v1/search", query_string={"q": text, **others})
    assert answer.status_code == 200, answer.json
    return answer


def written(app):
    app.extensions[unanswered.EXTENSION].write()


def shown(editor, query=""):
    return {one["query"]: one["count"] for one in editor.get(SEARCHES + query).json["data"]}


def add(app, counted, day=None):
    with app.app_context(), transaction():
        search_misses.add(counted, day or utc_now().date())


def rows(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SearchMiss))


def test_what_nobody_finds_is_counted_unless_it_may_be_about_somebody(app, client, editor):
    for typed in [*TYPED] * 3:
        search(client, typed)
    written(app)

    assert shown(editor) == {query: 3 for query in TYPED.values() if query}
    assert rows(app) == 4
    assert editor.get("/api/v1/manage/stats").json["data"]["searches_without_results"] == 4


def test_answers_out_of_memory_count_and_rare_filtered_or_answered_searches_do_not(
    app, client, editor
):
    building.published_post(editor, title="Heat")
    first = search(client, "cold")
    for _ in range(2):
        search(client, "cold")
        client.get(first.request.path, query_string={"q": "cold"}, headers={"If-None-Match": "*"})
        search(client, "rare")
        for narrowed in ({"kind": "faq"}, {"tag": "none"}):
            search(client, "narrow", **narrowed)
    for _ in range(3):
        search(client, "heat")
    written(app)

    assert shown(editor) == {"cold": 5}
    assert rows(app) == 2


def test_counts_add_up_over_days_and_are_listed_by_page(app, editor):
    today = utc_now().date()
    add(app, {("en", "a"): 2, ("en", "b"): 9, ("es", "a"): 4})
    add(app, {("en", "a"): 2, ("en", "c"): 5}, today - timedelta(days=40))
    add(app, {("en", "a"): 2})

    first = editor.get(f"{SEARCHES}?limit=2&total=true&days=90").json
    rest = editor.get(f"{SEARCHES}?limit=2&days=90&cursor={first['meta']['next_cursor']}").json
    listed = [(one["query"], one["locale"], one["count"]) for one in first["data"] + rest["data"]]
    assert listed == [("b", "en", 9), ("a", "en", 6), ("c", "en", 5), ("a", "es", 4)]
    assert (first["meta"]["total"], rest["meta"]["next_cursor"]) == (4, None)
    assert first["data"][0]["last_on"] == today.isoformat()
    assert editor.get(f"{SEARCHES}?cursor={first['meta']['next_cursor']}").status_code == 400


def test_a_day_has_a_bound_and_old_days_are_forgotten(app, editor, monkeypatch):
    monkeypatch.setattr(search_misses, "MOST_A_DAY", 2)
    add(app, {("en", word): 3 for word in "abc"})
    add(app, {("en", word): 3 for word in "bcd"})
    assert shown(editor) == {"a": 3, "b": 6}

    add(app, {("en", "old"): 3}, date(2020, 1, 1))
    add(app, {("en", "old"): 3}, date(2020, 1, 2))
    done = []
    while not done or done[-1]:
        with app.app_context(), transaction():
            done.append(search_misses.sweep(utc_now()))
    assert done == [1, 1, 0]
    assert rows(app) == 2


def test_a_tally_is_bounded_writes_itself_down_and_survives_a_database_that_is_away(app):
    tally = unanswered.Tally(app, 0.01)
    for at in range(unanswered.MOST_WAITING + 5):
        tally.add(("en", f"word {at}"))
    ends = time.monotonic() + 10
    while rows(app) == 0 and time.monotonic() < ends:
        pass
    assert 0 < rows(app) <= unanswered.MOST_WAITING + 5

    tally = unanswered.Tally(app, None)
    for at in range(unanswered.MOST_WAITING + 5):
        tally.add(("en", f"other {at}"))
    assert len(tally._counts) == unanswered.MOST_WAITING
    with app.app_context(), transaction():
        # Another thread's transaction would wait; this thread's own is refused.
        tally.write()
    assert tally._counts == Counter()
