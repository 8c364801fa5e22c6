"""By what lists are found: by the filter that fewest posts have, and by bounds that few pass."""

import pytest

from cms.models import Kind
from cms.reading import Reader
from cms.services.delivery import list_bounds, list_plans, list_statements
from cms.services.delivery.moment import present
from cms.services.delivery.questions import Question, Span
from cms.times import parse_time
from tests import building

DAYS = [f"2020-01-0{day}T00:00:00.000Z" for day in range(1, 7)]
LATE, EARLY = parse_time(DAYS[4]), parse_time("2001-01-01T00:00:00Z")


@pytest.fixture
def terms(editor):
    """Six posts, a day apart: all have one tag, the last has another as well."""
    wide, narrow = (building.tag(editor, name=name)["id"] for name in ("Wide", "Narrow"))
    for day in DAYS:
        post = building.post(editor, tag_ids=[wide, narrow] if day == DAYS[-1] else [wide])
        building.publish(editor, post, published_at=day)
    return [f"tag:{wide}"], [f"tag:{narrow}"]


@pytest.fixture(autouse=True)
def no_part_is_small(monkeypatch):
    monkeypatch.setattr(list_plans, "SMALL_PART", 1)


def question(*groups, sort="title", limit=1, **bounds):
    return Question(kind=Kind.POST, sort=sort, limit=limit, groups=groups, bounds=bounds)


@pytest.mark.parametrize("plan", [list_plans.of_page, list_plans.of_total])
def test_the_filter_that_fewest_posts_have_leads(app, terms, plan):
    wide, narrow = terms
    with app.app_context():
        for groups in ((wide, narrow), (narrow, wide)):
            found, _ = plan(present(), question(*groups))

            assert found.groups == [narrow, wide]


# Six posts, or those of a tag: one passes, or all of them do; pages of one, and of a hundred.
BOUNDS = [
    ({"published_after": LATE}, 1, ("published_after",)),
    ({"published_after": EARLY}, 1, ()),
    ({"published_after": EARLY}, 100, ("published_after",)),
    (
        {"published_after": EARLY, "updated_after": parse_time("2990-01-01T00:00:00Z")},
        1,
        ("updated_after",),
    ),
    ({}, 1, ()),
]


@pytest.mark.parametrize(("bounds", "limit", "found_by"), BOUNDS)
@pytest.mark.parametrize("by_tag", [True, False])
def test_a_page_is_found_by_bounds_that_few_pass(app, terms, bounds, limit, found_by, by_tag):
    groups = terms[:1] if by_tag else ()
    with app.app_context():
        asked = question(*groups, limit=limit, **bounds)

        assert list_plans.of_page(present(), asked)[1] == found_by


def test_bounds_on_what_a_list_is_sorted_by_need_no_plan(app, terms):
    with app.app_context():
        asked = question(sort="-published_at", published_after=LATE)

        assert list_plans.of_page(present(), asked) == (asked, ())
        # What is counted has no order.
        assert list_plans.of_total(present(), asked)[1] == ("published_after",)


def test_no_more_are_read_and_sorted_than_takes_less(app, terms, monkeypatch):
    monkeypatch.setattr(list_bounds, "MOST_SORTED", 1)
    with app.app_context():
        asked = question(limit=100, published_after=LATE)

        assert list_plans.of_page(present(), asked)[1] == ()


BRANCHES = [(1, 1, True), (1, 20, True), (20, 1, True), (2, 11, False), (20, 20, False)]


@pytest.mark.parametrize(("locales", "terms", "by_term"), BRANCHES)
def test_a_list_has_no_more_branches_than_are_written_in_no_time(locales, terms, by_term):
    """Of more locales and terms, it is walked in its own order, each row asked for its terms."""
    shape = question([f"tag:{n}" for n in range(terms)]).shape(locales, Span(), ())

    written = str(list_statements.statement(shape).compile(dialect=Reader("sqlite://").dialect))

    assert shape.is_by_term is by_term
    branches = locales * terms if by_term else locales
    assert written.count("UNION") == max(branches - 1, 0)
