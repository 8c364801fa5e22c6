"""Excerpts lie around the first hit, however it is spelled."""

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.services import search_terms
from cms.services.delivery.excerpts import asked_for, excerpt

FAR = "Words without an end. " * 40
# What is asked, in which text, and what is marked.
CASES = [
    ("spasticity", f"{FAR}Spasticity of the calf.", "Spasticity"),
    ("spasticity", f"{FAR}Unspasticity, spasticitys, and SPASTICITY.", "SPASTICITY"),
    ("cal", f"{FAR}A local calf.", "calf"),
    ("cafe", f"{FAR}Le cafétéria et le café. ", "cafétéria"),
    ("strasse", f"{FAR}In der Straße.", "Straße"),
    ('"cole"', f"{FAR}e\u0301cole, cole.", "cole"),
    ("istanbul", f"İİİ {FAR}Istanbul.", "Istanbul"),
    ("按摩", f"{FAR}多发性硬化症的按摩", "多发性硬化症的按摩"),
    ("שלום", f"{FAR}הוא אמר שָׁלוֹם לכולם", "שָׁלוֹם"),
    ("محمد", f"{FAR}قال مُحَمَّد شيئا", "مُحَمَّد"),
    ("हिन्दी", f"{FAR}हिन्दी", "न्द"),
    ("zebra words", "The first words. " + FAR, "words"),
]


@pytest.mark.parametrize(("asked", "text", "marked"), CASES)
def test_the_first_hit_is_shown_and_marked(asked, text, marked):
    shown = excerpt(text, asked_for(search_terms.parse(asked)))

    assert f"<mark>{marked}</mark>" in shown
    assert shown.startswith("… ") is (not text.startswith("The first"))
    assert len(shown) < 500


WORDS = st.text("aAb1_-é ", min_size=1, max_size=80)


@given(text=WORDS, asked=WORDS)
def test_letters_beyond_ascii_elsewhere_change_no_hit(text, asked):
    known = asked_for(search_terms.parse(asked))

    plain, beside = excerpt(text, known), excerpt(f"{text} ö", known)

    assert re.findall("<mark>.*?</mark>", plain) == re.findall("<mark>.*?</mark>", beside)


# Words as long as a text, beside one letter that is not ASCII.
LONG = {
    "one letter": lambda n: "é" + "a" * n + " a",
    "no spaces": lambda n: "é" + "中" * n + " a",
    "two letters": lambda n: "é" + "ab" * (n // 2) + " zx ab",
}


def seconds(text, asked):
    begun = time.process_time()
    excerpt(text, asked)
    return time.process_time() - begun


@pytest.mark.threat("B12")
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_text_twice_as_long_takes_less_than_three_times_as_long(text):
    asked, tries = asked_for(search_terms.parse("a 中 ab")), []
    while len(tries) < 6 and min(tries, default=9) >= 2.6:
        once, twice = (seconds(text(n), asked) for n in (20_000, 40_000))
        tries.append(twice / max(once, 0.001))
    assert min(tries) < 3


def test_what_an_older_program_has_put_into_the_index_is_shown_on_one_line():
    shown = excerpt("The title.\n\nA  text\tof heat.", asked_for(search_terms.parse("heat")))
    assert shown == "The title. A text of <mark>heat</mark>."


@pytest.mark.parametrize("sign", "&<>\"'")
def test_what_is_markup_is_escaped_around_a_hit(sign):
    shown = excerpt(f"{sign} heat {sign}", asked_for(search_terms.parse("heat")))
    assert shown == f"{html.escape(sign)} <mark>heat</mark> {html.escape(sign)}"
