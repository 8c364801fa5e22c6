"""Which keys a change touches beside those that it names."""

from cms.services.changes import whole


def test_what_answers_hold_as_a_whole_kind_is_touched_with_each_of_it():
    touched = {"tag:1", "faq:2", "post:3", "list:comment"}

    assert whole(touched) == touched | {"list:tag", "list:faq"}
    assert whole({"category:1", "author:2"}) >= {"list:category", "list:author"}


def test_nothing_touches_nothing():
    assert whole(set()) == set()
