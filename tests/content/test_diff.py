"""Two texts line by line: right, readable, and in a time that grows with their length alone."""

import gc
import random
import re
import time

import pytest

from cms.content.diff import MOST_PAIRS, compare

LINES = 20_000


def lines(make, size):
    return "\n".join(str(make(number)) for number in range(size))


def scattered(size, kinds, seed):
    source = random.Random(seed)  # noqa: S311
    return "\n".join(str(source.randrange(kinds)) for _ in range(size))


# What a hostile editor might save, one after the other: each with so many lines.
SHAPES = {
    "no line in common": lambda n: (lines(lambda i: f"a{i}", n), lines(lambda i: f"b{i}", n)),
    "one line again and again": lambda n: ("a\n" * n, "b\n" + "a\n" * n + "b\n" * n),
    "the other way round": lambda n: (lines(lambda i: i, n), lines(lambda i: n - i, n)),
    "two kinds of lines": lambda n: (scattered(n, 2, 1), scattered(n, 2, 2)),
    "ever the same few": lambda n: (lines(lambda i: i % 7, n), lines(lambda i: i * 3 % 7, n)),
    "as many kinds as lines": lambda n: (scattered(n, n, 1), scattered(n, n, 2)),
    "every line twice": lambda n: (lines(lambda i: i // 2, n), lines(lambda i: (n - i) // 2, n)),
    "neighbours swapped": lambda n: (lines(lambda i: i, n), lines(lambda i: i ^ 1, n)),
    "a line after each": lambda n: (lines(lambda i: i, n), lines(lambda i: f"{i}\nx", n)),
    "anchors within anchors": lambda n: (nested(10, n, "abcd"), nested(10, n, "eadf")),
    "one long line": lambda n: ("a" * 10 * n, "a" * 10 * n + "b"),
}


def nested(depth, size, letters):
    """Lines that stand alone only between two that stand alone."""
    if depth == 0:
        first, second = ([*letters[:2]], [*letters[2:]])
        return "\n".join(first * (size // 4) + second * (size // 4))
    half = nested(depth - 1, size // 2, letters)
    return f"{half}\n{depth}\n{half}"


def seconds(shape, size):
    texts = shape(size)
    gc.disable()  # It would run more often in the longer of the two.
    start = time.process_time()
    compare(*texts)
    gc.enable()
    return time.process_time() - start


def applied(before, text):
    """What becomes of a text by a unified diff, which must fit it line by line."""
    old, new, at = before.split("\n") if before else [], [], 0
    for line in text.split("\n") if text else []:
        if span := re.match(r"@@ -(\d+),(\d+) \+\d+,\d+ @@$", line):
            start = int(span[1]) - (span[2] != "0")
            new, at = new + old[at:start], start
            continue
        if line[0] != "+":
            assert old[at] == line[1:]
            at += 1
        new += [line[1:]] * (line[0] != "-")
    return "\n".join(new + old[at:])


@pytest.mark.threat("B12")
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.thorough
def test_twice_as_many_lines_take_less_than_three_times_as_long(name):
    tries = []
    while len(tries) < 6 and min(tries, default=9) >= 2.6:
        once, twice = (seconds(SHAPES[name], n) for n in (LINES, 2 * LINES))
        tries.append(twice / max(once, 0.001))

    assert min(tries) < 3


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.thorough
def test_a_hundred_thousand_hostile_lines_take_no_seconds(name):
    assert min(seconds(SHAPES[name], 100_000) for _ in range(2)) < 2


@pytest.mark.parametrize("name", SHAPES)
def test_what_it_says_of_hostile_texts_is_true(name):
    before, after = SHAPES[name](1000)

    assert applied(before, compare(before, after).text) == after


def test_what_it_says_of_any_texts_is_true():
    for seed in range(500):
        source = random.Random(seed)  # noqa: S311
        before, after = ("\n".join(source.choices("abcdef\n", k=seed % 30)) for _ in range(2))
        found = compare(before, after)

        assert (applied(before, found.text), found.coarse) == (after, False)
        assert (found.text == "") == (before == after)


def test_it_reads_like_any_unified_diff():
    before = "\n".join(["one", "two", "three", *"abcdefghijk", "last"])
    after = "\n".join(["one", "2", "three", *"abcdefghijk", "last", "more"])

    assert compare(before, after).text.split("\n") == [
        *("@@ -1,5 +1,5 @@", " one", "-two", "+2", " three", " a", " b"),
        *("@@ -13,3 +13,4 @@", " j", " k", " last", "+more"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("", "", ""),
        ("a", "a", ""),
        ("", "a", "@@ -0,0 +1,1 @@\n+a"),
        ("a", "", "@@ -1,1 +0,0 @@\n-a"),
        ("a", "a\n", "@@ -1,1 +1,2 @@\n a\n+"),
        ("a\r\nb", "a\nb", "@@ -1,2 +1,2 @@\n-a\r\n+a\n b"),
        ("a\u2028b", "a\u2028c", "@@ -1,1 +1,1 @@\n-a\u2028b\n+a\u2028c"),
    ],
)
def test_only_a_line_break_ends_a_line(before, after, text):
    assert compare(before, after).text == text


def test_what_is_too_much_to_compare_exactly_is_called_coarse():
    size = int(MOST_PAIRS**0.5)
    exact = compare(*SHAPES["two kinds of lines"](size - 10))
    coarse = compare(*SHAPES["two kinds of lines"](size * 2))

    assert (exact.coarse, coarse.coarse) == (False, True)
    assert exact.text.count("\n ") > 2 * size / 3 > coarse.text.count("\n ")


def test_lines_that_stand_once_are_found_in_a_text_of_any_length():
    before, after = SHAPES["a line after each"](LINES)

    found = compare(before, after)

    assert (found.coarse, found.text.count("\n+x")) == (False, LINES)
    assert "\n-" not in found.text
