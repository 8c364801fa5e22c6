"""Unified diffs are right, readable, and never slow."""

import random
import re
import time

import pytest

from cms.content.differences import MOST_CHARACTERS, REPLACED, unified

RANGE = re.compile(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@")


def applied(before: str, difference: str) -> str:
    """The new text, made from the old one as any patch program would; "" changes nothing."""
    old, new, at = before.split("\n"), [], 0
    for line in difference.split("\n")[2:-1]:
        found = RANGE.fullmatch(line)
        if found:
            start = int(found[1]) - (found[2] != "0")
            new += old[at:start]
            assert len(new) == int(found[3]) - (found[4] != "0")
            at = start
        elif line.startswith("+"):
            new.append(line[1:])
        else:
            assert old[at] == line[1:]
            new += [line[1:]] * line.startswith(" ")
            at += 1
    return "\n".join(new + old[at:])


def test_equal_texts_have_no_difference():
    assert unified("a\nb", "a\nb") == ""


def test_a_changed_line_stands_among_three_lines_around_it():
    before = "\n".join("abcdefghi")

    assert unified(before, before.replace("e", "E")) == (
        "--- before\n+++ after\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n"
    )


def test_changes_far_from_each_other_stand_apart():
    before = "\n".join(map(str, range(40)))

    difference = unified(before, before.replace("5\n", "five\n", 1).replace("\n30", "\nthirty"))

    assert difference.count("@@ -") == 2
    assert "\n 20\n" not in difference


def test_a_line_put_in_is_no_change_of_those_around_it():
    assert unified("a\nb", "a\nnew\nb").split("\n")[2:] == [
        "@@ -1,2 +1,3 @@",
        " a",
        "+new",
        " b",
        "",
    ]


@pytest.mark.parametrize("seed", range(300))
def test_the_difference_makes_the_new_text_of_the_old_one(seed):
    chance = random.Random(seed)  # noqa: S311 - texts to compare, no secrets
    before, after = ([chance.choice("abcd") for _ in range(chance.randrange(30))] for _ in "ab")
    if seed % 2:
        after = [chance.choice("xy") if chance.random() < 0.1 else line for line in before]
    texts = "\n".join(before), "\n".join(after)

    assert applied(texts[0], unified(*texts)) == texts[1]


def test_too_many_changes_are_shown_whole_and_it_says_so():
    before, after = ("\n".join(f"{word} {n}" for n in range(300)) for word in ("old", "new"))

    difference = unified(f"same\n{before}", f"same\n{after}")

    assert difference.startswith(REPLACED)
    assert applied(f"same\n{before}", difference.removeprefix(REPLACED)) == f"same\n{after}"


def test_a_difference_has_a_greatest_length():
    before, after = ("\n".join(f"{word} {n}" for n in range(20_000)) for word in ("old", "new"))

    assert unified(before, after) == (
        "Too much changed to show: lines 1 to 20000 became lines 1 to 20000.\n"
    )
    assert len(unified("a" * MOST_CHARACTERS, "b")) < 100


SHAPES = {
    "the same line": lambda n: ("a\n" * n, "a\n" * (n + n // 3)),
    "nothing in common": lambda n: ("\n".join(f"a{i}" for i in range(n)), "b\n" * n),
    "two lines in turn": lambda n: ("a\nb\n" * n, "b\na\n" * n),
    "the order turned round": lambda n: tuple(
        "\n".join(map(str, order)) for order in (range(n), reversed(range(n)))
    ),
    "every other line": lambda n: (
        "\n".join(map(str, range(n))),
        "\n".join(str(i) if i % 2 else "new" for i in range(n)),
    ),
    "one long line": lambda n: ("a" * n, "a" * n + "b"),
    "ends that nearly meet": lambda n: ("a\n" * n + "x\n" + "a\n" * n, "a\n" * 2 * n),
}


def seconds(texts) -> float:
    start = time.process_time()
    unified(*texts)
    return time.process_time() - start


@pytest.mark.parametrize("size", [400, 1_000, 20_000])
@pytest.mark.parametrize("name", SHAPES)
def test_twice_as_much_takes_less_than_three_times_as_long(name, size):
    tries = []
    while len(tries) < 6 and min(tries, default=9) >= 2.6:
        once, twice = (seconds(SHAPES[name](n)) for n in (size, 2 * size))
        tries.append(twice / max(once, 0.002))

    assert min(tries) < 3


@pytest.mark.parametrize("name", SHAPES)
def test_no_text_takes_long(name):
    assert min(seconds(SHAPES[name](1_900)) for _ in range(3)) < 0.2
