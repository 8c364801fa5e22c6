"""Which tests belong to which row of `docs/threats.md`: read from their marks, without running."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
# As the threat model counts them.
ROWS = [
    f"{part}{n}" for part, most in {"A": 16, "B": 20, "C": 3}.items() for n in range(1, most + 1)
]

Marked = ast.Module | ast.ClassDef | ast.FunctionDef


def marked() -> dict[str, set[str]]:
    """The pytest nodes of each row."""
    found = defaultdict(set)
    for path in sorted(TESTS.rglob("test_*.py")):
        name = path.relative_to(TESTS.parent).as_posix()
        for node, rows in _marks(ast.parse(path.read_text()), name):
            for row in rows:
                found[row].add(node)
    return found


def functions_in(node: str) -> list[str]:
    """The names of the test functions of a pytest node; none where there is no such node."""
    path, *names = node.split("::")
    file = TESTS.parent / path
    found: list[ast.AST] = [ast.parse(file.read_text())] if file.is_file() else []
    for name in names:
        found = [one for each in found for one in each.body if getattr(one, "name", "") == name]
    functions = (one for each in found for one in ast.walk(each))
    named = (one.name for one in functions if isinstance(one, ast.FunctionDef))
    return [name for name in named if name.startswith("test_")]


def _marks(node: Marked, name: str) -> Iterator[tuple[str, list[str]]]:
    if rows := _rows(_said_of(node)):
        yield name, rows
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | ast.FunctionDef):
            yield from _marks(inner, f"{name}::{inner.name}")


def _said_of(node: Marked) -> list[ast.expr]:
    """The decorators of a function or a class, or what a file says in `pytestmark`."""
    if not isinstance(node, ast.Module):
        return node.decorator_list
    said = (one for one in node.body if isinstance(one, ast.Assign))
    return [one.value for one in said if ast.unparse(one.targets[0]) == "pytestmark"]


def _rows(said: list[ast.expr]) -> list[str]:
    calls = (one for each in said for one in ast.walk(each) if isinstance(one, ast.Call))
    marks = [one for one in calls if ast.unparse(one.func) == "pytest.mark.threat"]
    return [ast.literal_eval(arg) for mark in marks for arg in mark.args]
