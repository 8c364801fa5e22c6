"""What a reader's words ask of the index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.errors import Malformed
from cms.services import search_terms
from cms.services.search_terms import Part

ASKED = [
    ("Heat", [Part(("heat",), is_prefix=True)]),
    ("he", [Part(("he",))]),
    ("warm heat", [Part(("warm",)), Part(("heat",), is_prefix=True)]),
    ("heat  heat", [Part(("heat",))]),
    ("heat hea* he* hot", [Part(("heat",)), Part(("he",)), Part(("hot",), is_prefix=True)]),
    ('"deep heat" hea*', [Part(("deep", "heat"))]),
    ("hea* heati*", [Part(("heati",), is_prefix=True)]),
    ("heating heat", [Part(("heating",))]),
    ("heat heating", [Part(("heat",)), Part(("heating",), is_prefix=True)]),
    ("he* x", [Part(("he",)), Part(("x",))]),
    ('"warm heat"', [Part(("warm", "heat"))]),
    ("é" * 3, [Part(("eee",), is_prefix=True)]),
    ("x" * 70, [Part(("x" * 64,), is_prefix=True)]),
    (" ", []),
    ("-!", []),
]


@pytest.mark.parametrize(("text", "parts"), ASKED)
def test_each_part_says_whether_its_last_word_goes_on(text, parts):
    assert search_terms.parse(text) == parts


@given(st.text("aB1 ", min_size=1, max_size=90))
def test_what_is_plain_is_read_as_all_else_is(text):
    assert search_terms._plain_parts(text) == search_terms._parts(text)


def test_more_words_than_a_search_has_are_refused():
    with pytest.raises(Malformed):
        search_terms.parse(" ".join(f"w{number}" for number in range(search_terms.MOST_WORDS + 1)))


GROUPS = [["tag:a", "tag:b"], ["category:c"]]


def test_texts_of_a_kind_and_a_language_are_filed_apart():
    words = {search_terms.filed(mark, "tag:a") for mark in ("en·", "es·", "en¿")}

    assert len(words) == 3
    assert all(word.startswith("§") and word[1:].isalnum() for word in words)


def test_texts_are_filed_by_what_filters_ask_for_and_as_every_text_is():
    found = search_terms.filed_words("en·", ["faq:f", "media:m", "tag:a"])

    assert found == [search_terms.filed("en·", one) for one in ("", "tag:a")]


def test_words_and_terms_are_asked_at_once():
    a, b, c = (search_terms.filed("en·", one) for one in ("tag:a", "tag:b", "category:c"))
    parts = [Part(("heat",), is_prefix=True)]

    on_sqlite = search_terms.for_sqlite(parts, ["en·"], GROUPS)
    on_postgresql = search_terms.for_postgresql(parts, ["en·"], GROUPS)

    assert on_sqlite == f'("en·heat" * AND ("{a}" OR "{b}") AND ("{c}"))'
    assert on_postgresql == f"(('en·heat':*) & ('{a}' | '{b}') & ('{c}'))"


def test_a_beginning_is_spelled_by_its_words_where_they_are_known():
    parts = [Part(("deep", "hea"), is_prefix=True)]
    known = {"en·hea": ["en·heat", "en·heating"], "es·hea": []}

    found = search_terms.for_postgresql(parts, ["en·", "es·", "de·"], endings=known)

    in_english = "('en·deep' <-> ('en·heat' | 'en·heating'))"
    in_spanish, in_german = "('es·deep' <-> ('es·hea'))", "('de·deep' <-> 'de·hea':*)"
    assert found == f"({in_english}) | ({in_spanish}) | ({in_german})"
