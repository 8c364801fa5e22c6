"""What readers see of a difference: a unified diff that any patch program takes, never too long.

What it holds is `diff`'s, and tested there.
"""

from cms.content import unified
from cms.content.differences import COARSE, HEADER, MOST_CHARACTERS


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


def test_what_was_nothing_before_has_nothing_taken_out():
    assert unified("", "a") == f"{HEADER}@@ -0,0 +1,1 @@\n+a\n"


def test_too_many_changes_are_shown_whole_and_it_says_so():
    before, after = "a\nb\n" * 1000, "b\na\n" * 1000

    assert unified(before, after).startswith(f"{COARSE}{HEADER}@@ -")


def test_a_difference_has_a_greatest_length():
    before, after = ("\n".join(f"{word} {n}" for n in range(20_000)) for word in ("old", "new"))

    assert unified(before, after) == (
        "Too much changed to show: 20000 lines were taken out, and 20000 put in.\n"
    )
    assert len(unified("a" * MOST_CHARACTERS, "b")) < 100
