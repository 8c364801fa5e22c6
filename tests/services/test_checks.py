"""What each check finds, as tables: no database, no clock."""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from cms.content import render_comment
from cms.services import comment_texts, screening
from cms.services.checks import personal, spam
from cms.services.checks.evidence import Evidence
from cms.services.checks.rules import ready
from cms.services.checks.spam import Taught
from cms.services.checks.wording import Phrases, words_of

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
LONG_AGO = {"published_at": NOW - timedelta(days=31)}
LINKS = {"body": "http://a.example.org https://b.example.org www.example.org"}
HAM = [Taught(good=50, bad=1)] * 3
CASES = [
    ("thread_is_open", {}, {}, "passed"),
    ("thread_is_open", {"closed": True}, {}, "refused"),
    ("thread_is_open", {"closed": True}, {"edit_of": "x"}, "passed"),
    ("thread_is_open", {"close_after_days": 30}, LONG_AGO, "refused"),
    ("thread_is_open", {"close_after_days": 32}, LONG_AGO, "passed"),
    ("wording_is_allowed", {"blocked_words": ["casino"]}, {"body": "A CASINO!"}, "spam"),
    ("wording_is_allowed", {"blocked_words": ["casino"]}, {"body": "casinos"}, "passed"),
    ("wording_is_allowed", {"blocked_words": ["casino"]}, {"body": "ca\u200bsino"}, "spam"),
    ("wording_is_allowed", {"blocked_words": ["casino"]}, {"name": "\uff43asino"}, "spam"),
    ("wording_is_allowed", {"blocked_words": ["STRASSE"]}, {"body": "die straße"}, "spam"),
    ("wording_is_allowed", {"blocked_words": ["buy  now"]}, {"body": "Buy, now"}, "spam"),
    ("wording_is_allowed", {"blocked_words": ["buy now"]}, {"body": "buy it now"}, "passed"),
    ("wording_is_allowed", {"blocked_words": ["казино"]}, {"body": "в КАЗИНО."}, "spam"),
    ("wording_is_allowed", {"blocked_words": ["赌场"]}, {"body": "去赌场玩"}, "spam"),
    ("wording_is_allowed", {"blocked_words": ["(a+)+$"]}, {"body": "aaaaaaaa!"}, "passed"),
    *(
        ("wording_is_allowed", {"blocked_words": ["casino"]}, {"body": body}, "spam")
        for body in (
            "_casino_",
            "ca**si**no",
            "[ca](https://a.example)sino",
            "`cas`ino",
            "[x](https://%63asino.example)",
        )
    ),
    ("wording_is_allowed", {"blocked_words": ["buy now"]}, {"body": "now. Never buy"}, "passed"),
    ("address_is_allowed", {"blocked_addresses": ["A@B.org"]}, {"email": "a@b.org"}, "spam"),
    ("address_is_allowed", {"blocked_addresses": ["@b.org"]}, {"email": "c@b.org"}, "spam"),
    ("address_is_allowed", {"blocked_addresses": ["@b.org"]}, {"email": "c@ab.org"}, "passed"),
    (
        "network_is_allowed",
        {"blocked_networks": ["10.0.0.0/8"]},
        {"network": "10.1.2.0/24"},
        "spam",
    ),
    (
        "network_is_allowed",
        {"blocked_networks": ["10.0.0.0/8"]},
        {"network": "11.1.2.0/24"},
        "passed",
    ),
    (
        "network_is_allowed",
        {"blocked_networks": ["2001:db8::/32"]},
        {"network": "10.1.2.0/24"},
        "passed",
    ),
    (
        "network_is_allowed",
        {"blocked_networks": ["2001:db8::/32"]},
        {"network": "2001:db8:1::/48"},
        "spam",
    ),
    ("links_are_few", {}, LINKS, "held"),
    ("links_are_few", {"most_links": 3}, LINKS, "passed"),
    ("links_are_few", {}, {"body": r"[x](https:\/\/a.example) " * 3}, "held"),
    ("links_are_few", {}, {"body": r"[x](https:\/\/a.example) www.b.org www.c.org"}, "held"),
    ("links_are_few", {}, {"body": "[https://a.org](https://a.org) " * 2}, "passed"),
    ("links_are_few", {"most_links": None}, LINKS, "passed"),
    ("nobody_said_it_before", {}, {"said_before": 1}, "held"),
    ("nobody_said_it_before", {}, {}, "passed"),
    ("spam_is_unlikely", {}, {"spam_score": None}, "passed"),
    ("spam_is_unlikely", {}, {"spam_score": 0.95}, "held"),
    ("spam_is_unlikely", {"spam_mark_at": 0.95}, {"spam_score": 0.95}, "spam"),
    ("spam_is_unlikely", {"spam_hold_at": None}, {"spam_score": 1.0}, "passed"),
    ("personal_data_is_absent", {}, {"body": "Write to ann@example.org"}, "held"),
    ("personal_data_is_absent", {"hold_personal_data": False}, {"body": "a@b.org"}, "passed"),
    ("wording_is_not_urgent", {}, {"body": "I want to DIE"}, "held"),
    ("wording_is_not_urgent", {}, {"body": "to die for"}, "passed"),
    ("wording_is_not_urgent", {}, {"body": "die, if I want to"}, "passed"),
    *(
        ("wording_is_not_urgent", {}, {"body": body}, "held")
        for body in ("planning _suicide_", "I _want_ to die", "sui*ci*de", "um*bring*en")
    ),
    *(
        ("personal_data_is_absent", {}, {"body": body}, "held")
        for body in (
            r"john.doe\@example.com",
            "0123*456*7890",
            r"0123\-456\-789",
            "[x](mailto:john%40example.com)",
            "https://a.example/?to=john%40example.com",
        )
    ),
    ("writer_is_known", {}, {"known_by": "x"}, "held"),
    ("writer_is_known", {"approve_known_writers": True}, {}, "held"),
    ("writer_is_known", {"approve_known_writers": True}, {"known_by": "x"}, "passed"),
]
PERSONAL = [
    ("Ask ann.b+c@example.org now", "Ask [email] now"),
    ("Call +49 (170) 123-45 67.", "Call [phone]."),
    ("555-123-4567", "[phone]"),
    ("born on 3.4.1961 here", "[birth date] here"),
    ("DOB: 1961-04-03", "[birth date]"),
    ("geboren am 3. April 1961", None),
    ("MRN 1234567 says", "[record number] says"),
    ("patient no. AB 123456", None),
    (
        "From 2019-2021 on 3.4.2020, 12345678 of them",
        "From 2019-2021 on 3.4.2020, 12345678 of them",
    ),
    ("https://doi.org/10.1000/123456789012", "https://doi.org/10.1000/123456789012"),
]


def evidence(said, known):
    given = {"post_id": "post", "now": NOW, "form_token": None, "honeypot": None}
    shown = asdict(render_comment(known.get("body", "")))
    return Evidence(**given | shown | known, rules=ready(said))


@pytest.mark.parametrize("case", [CASES])
def test_each_check_finds_what_its_rule_says(case):
    found = [(getattr(screening, name)(evidence(said, known))[0]) for name, said, known, _ in case]
    wrong = [(one, got) for one, got in zip(case, found, strict=True) if got != one[3]]
    assert wrong == []


def test_personal_data_is_taken_out_and_numbers_of_articles_stay():
    found = [(text, personal.without(text)[0]) for text, meant in PERSONAL if meant]
    assert found == [(text, meant) for text, meant in PERSONAL if meant]
    assert personal.without("Ask a@b.org or 555-123-4567")[1] == ["email", "phone"]


HIDDEN = [
    r"Call 0123 4567890 or write john\@example.com",
    "Call *0123*4567890",
    r"0123\-456\-789 <mailto:john%40example.com>",
    r"[a \- b](mailto:john%40example.com) john\@example.com 1. `x`",
    "https://a.example/?to=john%40example.com",
    "https://a.example/john%40example.com \\<b\\>",
]


@pytest.mark.parametrize("source", HIDDEN)
def test_a_version_without_personal_data_shows_none_and_leads_to_none(source):
    made = comment_texts.redacted(source, render_comment(source).text)

    shown = unquote(made["html"] + made["text"])
    assert "@" not in shown
    assert not re.search(r"\d{3}", shown)
    assert asdict(render_comment(made["source"])) | {"source": made["source"]} == made


def test_what_markup_does_not_hide_keeps_its_markup():
    source = "*Ask* ann@example.org, [there](https://a.example)"
    made = comment_texts.redacted(source, render_comment(source).text)
    assert made["source"] == "*Ask* [email], [there](https://a.example)"


def test_the_gravest_flag_is_raised():
    both = evidence({}, {"body": "A side effect: I feel suicidal"})
    assert both.urgent == ("crisis", "suicidal")
    assert evidence({}, {"body": "A side effect"}).urgent[0] == "adverse_event"


def test_the_spam_filter_is_neutral_until_it_has_seen_enough_of_both_kinds():
    total, bad = Taught(good=100, bad=100), [Taught(good=1, bad=50)] * 3
    assert spam.score(Taught(good=100, bad=19), bad, 20) is None
    assert spam.score(Taught(good=19, bad=100), bad, 20) is None
    assert spam.score(total, [], 20) == 0.5
    assert spam.score(total, bad, 20) > 0.99
    assert spam.score(total, HAM, 20) < 0.01


FILLERS = {"in both kinds alike": (10, 10), "in no kind": (0, 0), "in good ones": (20, 5)}


@pytest.mark.parametrize("kind", FILLERS)
def test_no_filler_hides_the_words_of_spam(kind):
    total, bad = Taught(good=100, bad=100), [Taught(good=1, bad=50)] * 5
    assert spam.score(total, bad + [FILLERS[kind]] * 500, 20) > 0.95


def test_one_word_of_spam_condemns_no_long_comment():
    total, bad = Taught(good=100, bad=100), [Taught(good=1, bad=50)]
    assert spam.score(total, bad + HAM * 10, 20) < 0.1


@pytest.mark.threat("B12")
def test_many_phrases_that_begin_alike_cost_a_look_up_each():
    phrases = Phrases({"any": ["a " * 7 + f"x{number}" for number in range(1000)]})
    assert phrases.found_in(words_of("a " * 2500)) == {}
    assert phrases.found_in(words_of("a " * 2500 + "x999")) == {"any": "a " * 7 + "x999"}
