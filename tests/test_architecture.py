"""The rules of the layout, checked, so that nobody has to remember them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from cms.api import problems
from cms.errors import CmsError
from cms.models import Base, Kind
from cms.permissions import RULES, Action
from cms.reading import Reader
from cms.services import published
from cms.services.delivery import (
    cards,
    comment_feeds,
    history,
    list_statements,
    statements,
    taxonomy,
    thread_statements,
)
from cms.services.delivery.list_statements import Shape
from tests.building import NOWHERE

REPOSITORY = Path(__file__).parent.parent
CMS = REPOSITORY / "cms"
# A layer may import from itself, and from those before it. `__init__` is `create_app`.
LAYERS = ["times", "kept_bytes", "errors", "setting_checks", "config", "logs", "checkpoints"]
LAYERS += ["waits", "storage", "models", "actor", "extensions", "database"]
LAYERS += ["sqlite_reads", "postgresql_reads", "reading", "writing", "migrations", "content"]
LAYERS += ["files", "permissions", "importers", "services", "sending", "mailing", "worker", "api"]
LAYERS += ["cli", "__init__"]
# The command line makes an application, and nothing makes a command line.
UPWARD = {("cli", "create_app")}
DIALECT = Reader("sqlite://").dialect
DELIVERY = [*(CMS / "services" / "delivery").glob("*.py")]
DELIVERY += [CMS / "services" / "published.py"]
WORKING_COPIES = {"entries", "posts", "faqs", "entry_tags", "post_faqs", "post_authors"}
WORKING_COPIES |= {"entry_media", "related_picks", "related_exclusions", "revisions"}
# A question that is too long for an address.
WRITES_NOTHING = {("api/manage/comment_rules.py", "post")}
# Where somebody comes in who is not signed in: by a password, or by what was mailed to them.
OPEN = {"/api/v1/auth/login", "/api/v1/auth/password-reset"}
OPEN |= {"/api/v1/auth/password-reset/<token:token>"}
OPEN |= {"/api/v1/auth/comment-links/<token:token>/<verb:verb>"}
WRITES = {"post", "put", "patch", "delete"}
OPENS = re.compile(r"with (?:.*, )?transaction\(\):")
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 250, 30
# Longer, and looked at: each with its reason.
LONG_FILES = {
    "migrations/versions/0001_first_schema.py": "written by Alembic, one statement for each table",
}
# Steps of a migration are read once, from top to bottom.
LONG_FUNCTIONS = {
    "migrations/versions/0001_first_schema.py:upgrade": "written by Alembic",
    "migrations/versions/0002_schedules_and_trash.py:upgrade": "one step after the other",
    "migrations/versions/0005_media.py:_media": "one table",
    "migrations/versions/0012_webhooks.py:make_deliveries": "one table",
}
# What a server that only answers need not hold.
SELDOM = {
    # Megabytes of words that only a new password needs.
    ("services/passwords.py", "_common"),
    # Alembic, and with it what knows each kind of database: 8 MB.
    ("services/migrating.py", "upgrade"),
    # PostgreSQL's driver, for a site on SQLite: 9 MB.
    ("database.py", "use_postgresql_well"),
    ("reading.py", "_driver"),
    ("services/pulse.py", "__init__"),
    # What reads images, where nobody uploads any: 2 MB.
    ("files/cleaning.py", "clean"),
    # Prometheus' library, where nobody asks for numbers: 2 MB.
    ("api/observing.py", "init_app"),
    ("cli/scraping.py", "_page"),
}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
# Where packages come from and where somebody keeps files is no business of the repository.
FOREIGN = re.compile(
    r"files\.pythonhosted|registry\.npm|pypi\.org/simple|index-url\b(?<!no-emit-index-url)"
    r"|extra-index|/home/\w|/Users/\w|/roo[t]/|/wor[k]/main|/op[t]/\w"
)


def sources(folder: Path = CMS) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(CMS).as_posix()


def layer_of(path: Path) -> str:
    return path.relative_to(CMS).parts[0].removesuffix(".py")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> set[str]:
    """Every module that a file imports, whole."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imported_layers(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if name.startswith("cms.")}


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef))


def test_every_module_has_a_layer():
    assert {layer_of(path) for path in sources()} == set(LAYERS)


@pytest.mark.parametrize("path", sources(), ids=named)
def test_imports_point_one_way(path):
    layer = layer_of(path)
    allowed = set(LAYERS[: LAYERS.index(layer) + 1])

    odd = imported_layers(path) - allowed

    assert {(layer, name) for name in odd} <= UPWARD


def test_no_import_hides_in_a_function():
    hidden = {
        (named(path), function.name)
        for path in sources()
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert hidden == SELDOM


def test_a_server_on_sqlite_loads_nothing_that_it_has_no_use_for(tmp_path):
    program = "import sys; from pathlib import Path; from cms import create_app;"
    program += "from cms.config import Config; import cms.cli.serving;"
    program += f"app = create_app(Config(data_dir=Path({str(tmp_path)!r}), secret='s' * 32));"
    program += "app.test_client().get('/readyz'); print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert {"psycopg", "alembic", "zxcvbn", "prometheus_client", "PIL"}.isdisjoint(
        loaded.stdout.decode().split()
    )


@pytest.mark.parametrize("room", ["content", "files"])
def test_what_is_pure_knows_nothing_else_of_the_site(room):
    assert set().union(*map(imported_layers, sources(CMS / room))) <= {room}


@pytest.mark.parametrize("folder", ["models", "content", "files", "importers"])
def test_what_holds_the_rules_knows_no_flask(folder):
    names = set().union(*map(imported, sources(CMS / folder)))

    assert not [name for name in names if name.lower().startswith(("flask", "werkzeug"))]


def test_only_the_command_line_knows_click():
    assert {layer_of(p) for p in sources() if "click" in str(imported(p))} == {"cli"}


def test_the_command_line_asks_services():
    asks = re.compile(r"import.*\b(select|exists|update|delete)\b|session\.(scalar|exec|get|add)")

    assert [named(p) for p in sources(CMS / "cli") if asks.search(p.read_text())] == []


def test_only_transaction_commits():
    assert [named(p) for p in sources() if "session.commit" in p.read_text()] == ["database.py"]


def test_views_leave_the_session_alone():
    views = [path for path in sources(CMS / "api") if "db.session" in path.read_text()]

    assert [named(path) for path in views] == []


@pytest.mark.parametrize("path", sources(CMS / "api"), ids=named)
def test_every_writing_view_opens_a_transaction(path):
    without = [
        function.name
        for function in functions(path)
        if function.name in WRITES
        and not OPENS.search(ast.unparse(function))
        and (named(path), function.name) not in WRITES_NOTHING
    ]

    assert without == []


def test_whoever_changes_an_entry_too_late_is_told_what_differs():
    # `Versioned.expect` knows the version alone; that of an entry says who changed which fields.
    alone = [named(path) for path in sources() if "entry.expect(" in path.read_text()]

    assert alone == []


def test_every_action_has_a_rule():
    assert set(RULES) == set(Action)


def test_every_management_route_refuses_a_stranger(app, client):
    guarded = ("/api/v1/manage", "/api/v1/auth/")
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(guarded)]
    calls = [(rule, method) for rule in rules for method in rule.methods - {"OPTIONS"}]

    answers = {
        (rule.rule, method): client.open(address_of(rule), method=method).status_code
        for rule, method in calls
        if rule.rule not in OPEN
    }

    assert len(answers) > 40
    assert {call for call, status in answers.items() if status != 401} == set()


def address_of(rule) -> str:
    return rule.build({one: 1 if one == "number" else NOWHERE for one in rule.arguments})[1]


@pytest.mark.parametrize("path", DELIVERY, ids=named)
def test_delivery_reads_without_an_orm(path):
    names = imported(path)
    models = {f"cms.models.{name}" for name in ("Entry", "Post", "Faq", "Revision", "EntryTag")}

    assert not [name for name in names if name.startswith(("cms.extensions", "cms.database"))]
    assert names & models == set()


@pytest.mark.threat("A2")
def test_no_public_statement_reads_a_working_copy():
    read = {name for statement in public_statements() for name in tables_of(statement)}

    assert {"publications", "threads", "publication_terms"} <= read
    assert read & WORKING_COPIES == set()


def public_statements() -> Iterator:
    kinds = {Kind.POST: ["published_at", "title"], Kind.FAQ: ["position", "question"]}
    for kind, sorts in kinds.items():
        yield from [statements.by_slug(kind), statements.present_slug(kind)]
        yield statements.by_slug(kind, markdown=True)
        yield published.not_showing(kind)
        for sort, groups, locales in product(sorts, [(), (2,), (1, 4)], [1, 2]):
            columns = "faq" if kind is Kind.FAQ else "full"
            shape = Shape(kind=kind, sort=sort, descending=True, columns=columns)
            yield list_statements.statement(shape._replace(groups=groups, locales=locales))
            yield list_statements.counting(shape._replace(groups=groups, locales=locales, slugs=4))
    yield from [
        statements.picked(4),
        cards.whole(4),
        statements.faqs_of(),
        statements.post_and_thread(),
        list_statements.counters(4),
    ]
    yield from [*taxonomy.ONE.values(), *taxonomy.PAGE.values(), *taxonomy.COUNT.values()]
    yield from [history.texts(), history.texts(shown=True), history.count()]
    yield thread_statements.tops(descending=False, answers=False, after=True)
    yield from [thread_statements.first_roots(4), thread_statements.below("root_id", 4)]
    yield comment_feeds.newest(of_post=True, every_locale=False, after=True)
    yield from [*taxonomy.FORMER.values(), taxonomy.ancestors(4)]


def tables_of(statement) -> set[str]:
    sql = str(statement.compile(dialect=DIALECT))
    return {name for name in Base.metadata.tables if re.search(rf"(FROM|JOIN|,) {name}\b", sql)}


def reasons_in_code() -> dict[str, set[str]]:
    """Each reason, and where it is spelled."""
    found: dict[str, set[str]] = {action.replace(".", "_"): {"permissions"} for action in Action}
    known = [reason for _, reason in problems.BROKEN_CONSTRAINTS.values()]
    for reason in [*known, *problems.HTTP_REASONS.values()]:
        found.setdefault(reason, set()).add("api/problems.py")
    for path in sources():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.keyword) and node.arg == "reason":
                for reason in literals(node.value):
                    found.setdefault(reason, set()).add(named(path))
    return found


def literals(node: ast.expr) -> list[str]:
    values = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    words = (value for value in values if isinstance(value, str))
    return [word for word in words if re.fullmatch(r"[a-z]+(_[a-z]+)*", word)]


def documented_reasons() -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs/problems.md").read_text(), re.M)


def test_every_reason_of_a_refusal_is_documented():
    assert set(reasons_in_code()) - set(documented_reasons()) == set()


def test_no_reason_is_documented_that_nothing_gives():
    assert set(documented_reasons()) - set(reasons_in_code()) == set()


def test_every_status_of_a_refusal_is_the_documented_one():
    text = (REPOSITORY / "docs/problems.md").read_text()
    known = {
        (reason, int(status))
        for reason, status in re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.M)
    }

    spelled = set(given_statuses())

    assert spelled - known == set()


def given_statuses() -> Iterator[tuple[str, int]]:
    """`(reason, status)` of each `raise Kind(…, reason="…")`."""
    kinds = {kind.__name__: kind.status for kind in CmsError.__subclasses__()}
    for path in sources():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in kinds:
                given = [one.value for one in node.keywords if one.arg == "reason"]
                for value in given:
                    yield from (
                        (word, kinds[ast.unparse(node.func)])
                        for word in literals(value)
                        if isinstance(value, ast.Constant)
                    )


def test_the_environment_is_read_in_one_place():
    readers = {named(path) for path in sources() if "os.environ" in path.read_text()}

    # The welcome asks which settings were given, so that the lines it prints can be pasted.
    # The Prometheus library takes its folder from a variable alone.
    assert readers <= {"config.py", "cli/welcome.py", "cli/scraping.py"}


@pytest.mark.parametrize("path", sources(), ids=named)
def test_no_file_grows_past_its_budget(path):
    lines = len(path.read_text().splitlines())

    assert lines <= MOST_LINES or named(path) in LONG_FILES


@pytest.mark.parametrize("path", sources(), ids=named)
def test_no_function_grows_past_its_budget(path):
    long = {
        f"{named(path)}:{one.name}"
        for one in functions(path)
        if one.end_lineno - one.lineno >= MOST_LINES_OF_A_FUNCTION
    }

    assert long <= set(LONG_FUNCTIONS)


def test_every_exception_to_the_budget_is_still_needed():
    long = {named(p) for p in sources() if len(p.read_text().splitlines()) > MOST_LINES}

    assert set(LONG_FILES) == long


def test_no_module_is_named_after_nothing():
    assert {path.stem for path in sources()} & BANNED_NAMES == set()


def test_every_module_says_what_it_is_for():
    silent = [named(path) for path in sources() if not ast.get_docstring(parsed(path))]

    assert silent == []


def test_no_file_names_a_registry_or_somebodys_folder():
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, check=True).stdout
    paths = [REPOSITORY / name for name in names.decode().split("\0") if name]

    found = {
        (path.name, match[0])
        for path in paths
        if path.is_file() and path != Path(__file__)
        for match in FOREIGN.finditer(path.read_text(errors="replace"))
    }

    assert found == set()
