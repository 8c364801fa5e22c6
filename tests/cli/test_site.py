"""`cms` from a shell: what it makes, what it says, how it ends."""

import sqlite3
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cms.cli import cli
from cms.migrations.head import HEAD

COMMANDS = ["init", "seed", "serve", "run", "check", "rebuild", "db upgrade", "comment newest"]
COMMANDS += ["user", "token", "openapi", ""]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def cms(folder: Path):
    """Run a command in a shell whose settings are these alone."""

    def run(command: str, **settings: str) -> Result:
        env = {"CMS_DATA_DIR": str(folder), "CMS_DATABASE_URL": None, "CMS_SECRET": None}
        return CliRunner().invoke(cli, command.split(), env=env | settings, prog_name="cms")

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_without_a_site(cms, folder: Path, command: str) -> None:
    result = cms(f"{command} --help")

    assert (result.exit_code, "Usage: cms" in result.output) == (0, True)
    assert not folder.exists()


class TestInit:
    def test_it_makes_a_private_folder_and_an_administrator(self, cms, folder: Path) -> None:
        result = cms("init")

        assert result.exit_code == 0, result.output
        assert "Password:" in result.output
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600

    def test_a_second_time_it_changes_nothing(self, cms, folder: Path) -> None:
        cms("init")
        secret = (folder / "secret.key").read_bytes()

        result = cms("init")

        assert (result.exit_code, "Password:" in result.output) == (0, False)
        assert (folder / "secret.key").read_bytes() == secret

    def test_a_folder_that_can_not_be_made_is_one_line(self, cms, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        result = cms("init", CMS_DATA_DIR=str(tmp_path / "file" / "data"))

        assert result.exit_code == 1
        assert result.stderr.startswith("Error: Not a directory")


class TestErrors:
    @pytest.mark.parametrize(
        ("command", "settings", "words"),
        [
            ("seed", {}, "Run `cms init` first"),
            ("serve", {}, "Run `cms init` first"),
            ("check", {"PORT": "many"}, "PORT can not be 'many': it is a whole number."),
            ("check", {"CMS_WORKER": "maybe"}, "can not be 'maybe': it is on or off."),
            ("init", {"CMS_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/x"}, "database"),
            ("seed --folder /nowhere", {}, "does not exist"),
        ],
    )
    def test_they_name_what_to_do_without_a_traceback(
        self, cms, command: str, settings: dict[str, str], words: str
    ) -> None:
        result = cms(command, **settings)

        assert result.exit_code in (1, 2)
        assert words in result.stderr
        assert "Traceback" not in result.output
        assert "hidden" not in result.output

    def test_a_folder_without_seeds_is_named(self, cms, tmp_path: Path) -> None:
        cms("init")
        (tmp_path / "empty").mkdir()

        result = cms(f"seed --folder {tmp_path / 'empty'}")

        assert (result.exit_code, "empty holds no seed files." in result.stderr) == (1, True)

    def test_a_folder_without_seeds_brings_no_removed_demo_back(self, cms, tmp_path: Path) -> None:
        cms("init")
        cms("seed --demo")
        cms("seed --remove-demo")
        (tmp_path / "empty").mkdir()

        refused = cms(f"seed --demo --folder {tmp_path / 'empty'}")

        assert refused.exit_code == 1
        assert "demo" not in cms("seed").stdout
        assert cms("seed --demo").stdout.startswith("Loaded the demo")

    def test_a_fault_in_a_seed_file_is_named(self, cms, tmp_path: Path) -> None:
        cms("init")
        (tmp_path / "taxonomy.yaml").write_text("tags: [{slug: x}]")

        result = cms(f"seed --folder {tmp_path}")

        assert (result.exit_code, "name: is missing" in result.stderr) == (1, True)

    def test_no_waiting_comment_is_an_error(self, cms) -> None:
        cms("init")

        result = cms("comment newest")

        assert (result.exit_code, result.stdout) == (1, "")


class TestSeed:
    @pytest.mark.thorough
    def test_twice_loads_once(self, cms) -> None:
        cms("init")

        assert "1 post." in cms("seed").output
        assert "nothing was changed" in cms("seed").output

    @pytest.mark.thorough
    def test_the_demo_comes_and_goes(self, cms) -> None:
        cms("init")

        assert "9 posts" in cms("seed --demo").output
        assert "9 posts" in cms("seed --remove-demo").output
        assert "nothing was changed" in cms("seed").output

    @pytest.mark.thorough
    def test_the_newest_waiting_comment_is_printed_alone(self, cms) -> None:
        cms("init")
        cms("seed --demo")

        assert len(cms("comment newest").stdout.strip()) == 36


class TestUpgrade:
    def test_a_database_at_head_is_left_alone(self, cms, folder: Path) -> None:
        cms("init")

        assert "up to date" in cms("db upgrade").output
        assert not (folder / "backups").exists()

    def test_a_copy_is_kept_before_a_migration(
        self, cms, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cms("init")
        monkeypatch.setattr("cms.cli.db.HEAD", "9999")

        result = cms("db upgrade")

        (copy,) = (folder / "backups").iterdir()
        assert str(copy) in result.output
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
                (HEAD,)
            ]

    @pytest.mark.thorough
    def test_other_commands_ask_for_it(self, cms, monkeypatch: pytest.MonkeyPatch) -> None:
        cms("init")
        monkeypatch.setattr("cms.cli.opening.HEAD", "9999")

        assert "Run `cms db upgrade`" in cms("seed").stderr


@pytest.mark.thorough
class TestCheck:
    def test_a_new_site_is_fine(self, cms) -> None:
        cms("init")
        result = cms("check")

        assert (result.exit_code, "problem" in result.output) == (0, False)

    def test_rate_limits_that_are_off_are_a_warning(self, cms) -> None:
        cms("init")
        result = cms("check", CMS_RATE_LIMITS="off")

        assert (result.exit_code, "CMS_RATE_LIMITS is off" in result.output) == (0, True)

    @pytest.mark.parametrize(
        ("damage", "words"),
        [
            ("UPDATE publication_counts SET total = total + 1", "totals of lists"),
            ("UPDATE threads SET approved = approved + 1", "totals of comments"),
            ("UPDATE alembic_version SET version_num = '0000'", "run `cms db upgrade`"),
            ("UPDATE posts SET category_id = 'gone'", "refers to one that is gone"),
        ],
    )
    def test_damage_is_a_problem(self, cms, folder: Path, damage: str, words: str) -> None:
        cms("init")
        cms("seed")
        with sqlite3.connect(folder / "site.db") as connection:
            connection.execute(damage)
        connection.close()

        result = cms("check")

        problems = [line for line in result.output.splitlines() if line.startswith("problem")]
        assert (result.exit_code, len(problems)) == (1, 1), result.output
        assert words in problems[0]

    @pytest.mark.parametrize(("name", "look"), [("", "data folder"), ("site.db", "database file")])
    def test_what_others_may_read_is_a_warning(
        self, cms, folder: Path, name: str, look: str
    ) -> None:
        cms("init")
        mode = (folder / name).stat().st_mode
        (folder / name).chmod(mode | 0o044)

        result = cms("check")

        assert result.exit_code == 0, result.output
        (line,) = [one for one in result.output.splitlines() if one.startswith("warning")]
        assert line.startswith(f"warning  {look}: others may")

    def test_a_secret_that_others_may_read_is_a_problem(self, cms, folder: Path) -> None:
        cms("init")
        (folder / "secret.key").chmod(0o644)

        assert cms("check").exit_code == 1


def test_rebuild_finds_nothing_to_do_and_can_do_all(cms) -> None:
    cms("init")
    cms("seed")

    assert "up to date" in cms("rebuild").output
    assert "Rendered 4 entries" in cms("rebuild --all").output


def test_the_description_needs_no_site(cms, folder: Path) -> None:
    result = cms("openapi")

    assert (result.exit_code, '"openapi": "3.1.0"' in result.stdout) == (0, True)
    assert not folder.exists()


def test_make_lists_its_commands(repository: Path) -> None:
    made = subprocess.run(
        ["make", "-s", "-C", repository], capture_output=True, text=True, check=True
    )

    for name in ("run", "test", "lint", "format", "bench", "lock", "clean", "help", "newcomer"):
        assert f"make {name} " in made.stdout
