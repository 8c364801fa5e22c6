"""Settings that can not be meant are refused before anything starts."""

import re

import pytest
from click.testing import CliRunner

from cms.cli import cli
from cms.config import Config, ConfigError, settings, unknown_names

WRONG = [("CMS_ALLOWED_ORIGINS", one) for one in ("foo", "https://a.example/x", "ftp://a.example")]
WRONG += [("CMS_ALLOWED_ORIGINS", one) for one in ("https://", "*", "https://u@a.example")]
WRONG += [("CMS_LOCALES", one) for one in ("english", "e", "en,deutsch", "en_US", "en-")]
WRONG += [("CMS_HOST", one) for one in ("999.1.1.1", "1.2.3", "two words", "http://localhost")]
WRONG += [
    ("CMS_SMTP_URL", one) for one in ("mail.example.org", "http://a", "smtp://a:b", "smtp://")
]
WRONG += [("CMS_SMTP_URL", "smtp://a?tls=off"), ("CMS_MAIL_FROM", "a\nb@example.org")]
WRONG += [("CMS_RESET_URL", "https://a.example/reset"), ("CMS_MAIL_FROM", "Me <me@example.org>")]
WRONG += [("CMS_SMTP_URL", "smtp://a:%C3%A9@mail.example.org")]
RIGHT = [("CMS_ALLOWED_ORIGINS", "https://editor.example.org,http://localhost:5173")]
RIGHT += [("CMS_LOCALES", "en,pt-BR,zh-Hans"), ("CMS_HOST", "::1"), ("CMS_HOST", "0.0.0.0")]  # noqa: S104
RIGHT += [("CMS_HOST", "localhost"), ("CMS_HOST", "cms.example.org"), ("CMS_LOCALES", "fil")]


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_a_setting_that_can_not_be_meant_is_named(name, text):
    with pytest.raises(ConfigError, match=name):
        Config.from_env({name: text})


@pytest.mark.parametrize(("name", "text"), RIGHT)
def test_a_setting_that_can_be_meant_is_taken(name, text):
    assert Config.from_env({name: text})


def test_a_name_that_is_no_setting_is_told_with_the_nearest():
    found = unknown_names({"CMS_LOCALE": "en", "CMS_SECRET": "x", "PATH": "", "CMS_FOO": ""})

    assert found == [
        "CMS_FOO is no setting.",
        "CMS_LOCALE is no setting: do you mean CMS_LOCALES?",
    ]


def test_a_site_that_was_not_made_is_named_with_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CMS_DATA_DIR", "CMS_SECRET", "CMS_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    for command in ("check", "serve"):
        output = CliRunner().invoke(cli, [command]).output
        assert f"{tmp_path}/var" in output
        assert "set CMS_DATA_DIR" in output


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_command_tells_of_a_name_that_is_no_setting(tmp_path, command):
    env = {"CMS_DATA_DIR": str(tmp_path), "CMS_THREAD": "2", "CMS_DATABASE_URL": None}
    env["CMS_SECRET"] = "a secret"

    output = CliRunner().invoke(cli, [command], env=env).output

    assert "CMS_THREAD is no setting: do you mean CMS_THREADS?" in output


def test_the_readme_says_of_each_setting_what_the_code_does(repository):
    rows = re.findall(
        r"^\| `((?:CMS_|PORT)\w*)` \| (.*) \|$", (repository / "README.md").read_text(), re.M
    )

    known = {
        one.metadata["name"]: f"{shown(one.default)} | {one.metadata['meaning']}"
        for one in settings()
    }

    assert dict(rows) == known
    assert len(rows) == len(known)


def shown(default):
    text = ",".join(default) if isinstance(default, tuple) else str(default)
    text = {"True": "on", "False": "off"}.get(text, text)
    return f"`{text}`" if text else "empty"
