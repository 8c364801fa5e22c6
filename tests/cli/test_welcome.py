"""The lines to paste speak of the site that runs, in any folder, and print no password."""

import pytest

from cms.cli import welcome
from cms.config import Config

POST = ("heat", "")


@pytest.fixture
def lines(app, tmp_path):
    """What is printed for a site with these settings."""

    def lines(**settings):
        config = Config(data_dir=tmp_path, **settings)
        with app.app_context():
            return "\n".join([welcome.text(config), *welcome.to_paste(config, "http://x", POST)])

    return lines


def test_they_name_the_data_folder_and_the_database(lines, tmp_path):
    found = lines(database_url="postgresql://cms@db.example.org/site")

    here = f"CMS_DATA_DIR={tmp_path} CMS_DATABASE_URL=postgresql://cms@db.example.org/site "
    approve = next(line for line in found.splitlines() if "comment newest" in line)
    password = next(line for line in found.splitlines() if "user password" in line)
    assert (approve.count(here), password.count(here)) == (2, 1)
    assert "Set CMS_" not in found


@pytest.mark.parametrize(
    "url", ["postgresql://cms:hush@db/site", "postgresql://db/s?password=hush"]
)
def test_they_ask_for_a_database_url_that_holds_a_password(lines, url):
    found = lines(database_url=url)

    assert "hush" not in found
    assert "Set CMS_DATABASE_URL in that shell first" in found


def test_they_name_a_file_by_its_whole_path(lines, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert f"CMS_DATABASE_URL=sqlite:///{tmp_path}/other.db " in lines(
        database_url="sqlite:///other.db"
    )
