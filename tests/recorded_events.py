"""Which events the code can record, read from the code: each type, and what its data names."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

from cms.models import Kind
from cms.services.former import KINDS as TERMS

SERVICES = Path(__file__).parent.parent / "cms" / "services"
MODULES = {path: ast.parse(path.read_text()) for path in sorted(SERVICES.glob("*.py"))}
# What stands for a kind in the code, and is no word of it.
ENTRIES, NAMED = list(map(str, Kind)), list(TERMS.values())
KINDS = {"entry.kind": ENTRIES, "row.kind": ENTRIES}
KINDS |= {"KINDS[type(old)]": NAMED, "KINDS[type(term)]": NAMED}


def recorded() -> dict[str, set[str]]:
    """What `data` may name, by the type of the event.

    Raises LookupError for a type or data that can not be read from the code.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for place in functions():
        for types, names in place.events():
            for one in types:
                found[one] |= names
    return dict(found)


@cache
def functions() -> list["Function"]:
    # The recorder itself knows no type.
    files = {path: module for path, module in MODULES.items() if path.name != "outbox.py"}
    return [Function(path, node) for path, module in files.items() for node in defined(module)]


def defined(node: ast.AST) -> Iterator[ast.FunctionDef]:
    return (one for one in ast.walk(node) if isinstance(one, ast.FunctionDef))


def calls(node: ast.AST) -> list[tuple[str, ast.Call]]:
    return [(ast.unparse(one.func), one) for one in ast.walk(node) if isinstance(one, ast.Call)]


def assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Each name that is given a value, and the value."""
    for one in ast.walk(node):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Tuple):
            values = one.value.elts if isinstance(one.value, ast.Tuple) else []
            yield from zip(map(ast.unparse, one.targets[0].elts), values, strict=False)
        elif isinstance(one, ast.Assign):
            yield ast.unparse(one.targets[0]), one.value
        elif isinstance(one, ast.AnnAssign) and one.value is not None:
            yield ast.unparse(one.target), one.value


class Function:
    """A function that may record events, and what its names can mean."""

    def __init__(self, path: Path, node: ast.FunctionDef) -> None:
        self._path, self._node = path, node
        self._parameters = [one.arg for one in node.args.args]
        self._calls = calls(node)

    def events(self) -> Iterator[tuple[list[str], set[str]]]:
        for name, call in self._calls:
            if name == "outbox.record":
                spread = [self._keys(one.value) for one in call.keywords if one.arg is None]
                names = {one.arg for one in call.keywords if one.arg}
                yield self._words(call.args[0]), names.union(*spread)
            elif name == "OutboxEvent":
                given = {one.arg: one.value for one in call.keywords}
                yield self._words(given["type"]), self._keys(given["payload"])
            elif name == "outbox.event":
                yield self._words(call.args[0]), self._keys(call.args[2])

    def _words(self, node: ast.expr) -> list[str]:
        """Every text that an expression can be."""
        if isinstance(node, ast.Constant):
            return [node.value]
        if isinstance(node, ast.IfExp):
            return [*self._words(node.body), *self._words(node.orelse)]
        if isinstance(node, ast.JoinedStr):
            return ["".join(parts) for parts in product(*map(self._words, node.values))]
        if isinstance(node, ast.FormattedValue):
            return self._words(node.value)
        if isinstance(node, ast.Call):
            return self._answered(ast.unparse(node.func))
        if ast.unparse(node) in KINDS:
            return KINDS[ast.unparse(node)]
        return self._meant(ast.unparse(node))

    def _meant(self, name: str) -> list[str]:
        """What a name of this function, or else of its file, can be."""
        if name in self._parameters:
            return [*self._handed_over(self._parameters.index(name))]
        values = [value for known, value in assigned(self._node) if known == name]
        values = values or [one for known, one in assigned(MODULES[self._path]) if known == name]
        if not values:
            raise LookupError(f"{self._path.name}: what is {name} in {self._node.name}?")
        return [word for value in values for word in self._words(value)]

    def _handed_over(self, place: int) -> Iterator[str]:
        """What callers give for a parameter, by its place."""
        for caller in functions():
            for name, call in caller._calls:
                # Files are looked at where the name may be meant alone: that takes time.
                is_like = name.rpartition(".")[2] == self._node.name
                if is_like and name in self._names_in(caller._path):
                    yield from caller._words(call.args[place])

    def _names_in(self, path: Path) -> set[str]:
        """What this function is called in a file."""
        module, own = self._path.stem, self._node.name
        brought = {
            alias.name
            for one in ast.walk(MODULES[path])
            if isinstance(one, ast.ImportFrom) and one.module == f"cms.services.{module}"
            for alias in one.names
        }
        return ({own} if path == self._path or own in brought else set()) | {f"{module}.{own}"}

    def _answered(self, name: str) -> list[str]:
        called = [one for one in defined(MODULES[self._path]) if one.name == name]
        ends = [one.value for one in ast.walk(called[0]) if isinstance(one, ast.Return)]
        place = Function(self._path, called[0])
        return [word for end in ends for word in place._words(end)]

    def _keys(self, node: ast.expr) -> set[str]:
        return set(self._items(node))

    def _items(self, node: ast.expr) -> dict[str, ast.expr]:
        """What a dictionary holds that is written down here."""
        if isinstance(node, ast.Name):
            node = dict(assigned(self._node))[node.id]
        if not isinstance(node, ast.Dict):
            raise LookupError(f"{self._path.name}: what is in {ast.unparse(node)}?")
        return {key.value: value for key, value in zip(node.keys, node.values, strict=True)}
