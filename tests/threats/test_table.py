"""Each row of the threat model has tests that are found by its name, and the table names them."""

import re
import subprocess
import sys

import pytest

from tests.threats.marks import ROWS, TESTS, functions_in, marked

TABLE = re.compile(r"^\| ([A-C]\d+) \|.*\| (.*) \|$", re.M)
NODE = re.compile(r"`(tests/[^`]+)`")


@pytest.fixture(scope="module")
def table():
    """What the table says: the pytest nodes of each row."""
    text = (TESTS.parent / "docs/threats.md").read_text()
    return {row: NODE.findall(named) for row, named in TABLE.findall(text)}


@pytest.fixture(scope="module")
def marks():
    return marked()


def test_the_table_has_every_row_in_order(table):
    assert list(table) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_tests_and_they_are_those_that_the_table_names(table, marks, row):
    assert marks[row]
    assert {node: bool(functions_in(node)) for node in marks[row]} == dict.fromkeys(
        table[row], True
    )


def test_no_test_is_marked_with_a_row_that_there_is_not(marks):
    assert set(marks) - set(ROWS) == set()


@pytest.mark.thorough
def test_the_tests_of_a_row_are_what_runs():
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "--threat", "C3"]
    command += ["tests/threats", "tests/api/manage/test_privacy.py"]

    ran = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=True)

    found = {line.partition("[")[0] for line in ran.stdout.splitlines() if "::" in line}
    wanted = {node for node in marked()["C3"] if node.startswith(tuple(command[-2:]))}
    assert found
    assert {node for node in found if not node.startswith(tuple(wanted))} == set()
