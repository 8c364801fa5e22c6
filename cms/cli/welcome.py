"""What `cms run` prints when the server answers: where things are, and two lines to paste."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from sqlalchemy import make_url

from cms.cli import serving
from cms.config import Config
from cms.services import welcome
from cms.services.first import admin_email

PROXY_SETTINGS = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


def text(config: Config) -> str:
    """Inside the application, before the server starts."""
    site, post, who = serving.address_of(config), post_to_show(config), admin_email()
    change_password = f"{in_site(config)} user password {shlex.quote(who)}"
    lines = ["", "The site is up. Ctrl-C ends it.", ""]
    if post:
        lines.append(f"  Article    {post_url(site, post)}")
    lines += [
        f"  Reference  {site}/api/docs",
        f"  Admin      {who} (`{change_password}` sets a password)",
        "",
    ]
    return "\n".join(lines + (to_paste(config, site, post) if post else []))


def post_to_show(config: Config) -> tuple[str, str] | None:
    """Slug and query of a post that the site shows, if it shows one."""
    found = welcome.post_to_show()
    if found is None:
        return None
    slug, locale = found
    return slug, "" if locale == config.default_locale else f"?locale={locale}"


def post_url(site: str, post: tuple[str, str], below: str = "") -> str:
    slug, query = post
    return f"{site}/api/v1/posts/{slug}{below}{query}"


def to_paste(config: Config, site: str, post: tuple[str, str]) -> list[str]:
    lines = [
        "To leave a comment, paste this line:",
        "",
        leave_comment(post_url(site, post, "/comments")),
        "",
        "To approve the newest comment that waits:",
        "",
        approve_newest(f"{site}/api/v1/manage/comments", in_site(config)),
        "",
    ]
    secret = secret_settings(config)
    if secret:
        lines += [f"Set {' and '.join(secret)} in that shell first, as it is set here.", ""]
    return lines


def secret_settings(config: Config) -> list[str]:
    """Settings that a command needs, and that hold what is not to be printed."""
    rows = [("CMS_DATABASE_URL", holds_password(config)), ("CMS_SECRET", bool(config.secret))]
    return [name for name, secret in rows if secret]


def holds_password(config: Config) -> bool:
    url = make_url(config.database_uri)
    return url.password is not None or bool(
        {"password", "passfile", "sslpassword"} & set(url.query)
    )


def in_any_folder(database_url: str) -> str:
    prefix, _, path = database_url.partition("sqlite:///")
    return database_url if prefix or not path else f"sqlite:///{Path(path).resolve()}"


def in_site(config: Config) -> str:
    """The command line with the settings that say which site it is for, in any folder."""
    settings = {"CMS_DATA_DIR": str(config.data_dir.resolve())}
    if config.database_url and not holds_password(config):
        settings["CMS_DATABASE_URL"] = in_any_folder(config.database_url)
    return " ".join([*(f"{name}={shlex.quote(text)}" for name, text in settings.items()), cms()])


def leave_comment(url: str) -> str:
    # The time is put in by the shell: the same words twice would be refused.
    body = (
        """'{"author_name":"A reader","author_email":"reader@example.org","""
        """"body":"Thank you for this article. Written on '"$(date)"'."}'"""
    )
    return f"{fetch()} -X POST {JSON} -d {body} {shlex.quote(url)}"


def approve_newest(url: str, command: str) -> str:
    who = shlex.quote(admin_email())
    token = f"{command} token add {who} --scope comments:moderate --expires-in 1h"
    # With nothing to approve, nothing is sent.
    return (
        f"""id="$({command} comment newest)" && """
        f"""{fetch()} -X PATCH -H "Authorization: Bearer $({token} | tail -n 1)" """
        f"""-H 'If-Match: *' {JSON} -d '{{"status":"approved"}}' """
        f"""{shlex.quote(f"{url}/")}"$id\""""
    )


JSON = "-H 'Content-Type: application/json'"


def fetch() -> str:
    """curl, or what stands in for it on a machine that has none."""
    if shutil.which("curl") is None:
        return f"{shlex.quote(sys.executable)} -m cms.cli.fetch -sS"
    proxied = any(os.environ.get(name) for name in PROXY_SETTINGS)
    return "curl -sS --noproxy '*'" if proxied else "curl -sS"


def cms() -> str:
    """The whole path, so that a line works in any folder."""
    return shlex.quote(str(Path(sys.executable).parent / "cms"))
