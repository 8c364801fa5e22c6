"""What `cms run` prints when the server answers: where things are, and two lines to paste."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from sqlalchemy import and_, select

from cms.cli import first, serving
from cms.config import Config
from cms.extensions import db
from cms.models import Kind, Publication, Role, Seeded, Thread, User
from cms.services import clock
from cms.services.published import not_past

ARTICLE = "medical-massage-multiple-sclerosis"
# Secrets are not printed: a pasted line takes them from its environment.
SECRET_SETTINGS = ("CMS_DATABASE_URL", "CMS_SECRET")
PROXY_SETTINGS = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


def text(config: Config) -> str:
    """Inside the application, before the server starts."""
    site, post = serving.address_of(config), post_to_show(config)
    lines = ["", "The site is up. Ctrl-C ends it.", ""]
    if post:
        lines.append(f"  Article    {post_url(site, post)}")
    lines += [
        f"  Reference  {site}/api/docs",
        f"  Admin      {admin()} (`{cms()} user password {shlex.quote(admin())}` sets a password)",
        "",
    ]
    return "\n".join(lines + (to_paste(config, site, post) if post else []))


def post_to_show(config: Config) -> tuple[str, str] | None:
    """Slug and query of the article, whatever it is called now; else of the newest post."""
    now = clock.now()
    seeded = and_(Seeded.object_id == Publication.entry_id, Seeded.key == ARTICLE)
    query = (
        select(Publication.slug, Publication.locale)
        .join(Thread, Thread.post_id == Publication.entry_id)
        .outerjoin(Seeded, seeded)
        .where(not_past(), Publication.visible_from <= now, Publication.visible_until > now)
        .where(Publication.kind == Kind.POST, Thread.is_open)
        .order_by(Seeded.key.is_(None), Publication.published_at.desc())
    )
    found = db.session.execute(query.limit(1)).first()
    if found is None:
        return None
    return found.slug, "" if found.locale == config.default_locale else f"?locale={found.locale}"


def post_url(site: str, post: tuple[str, str], below: str = "") -> str:
    slug, query = post
    return f"{site}/api/v1/posts/{slug}{below}{query}"


def admin() -> str:
    """The first administrator, unless somebody else is one instead."""
    query = select(User.email).where(User.role == Role.ADMIN, User.suspended.is_(False))
    order = [User.email != first.ADMIN, User.created_at]
    return db.session.scalar(query.order_by(*order).limit(1)) or first.ADMIN


def to_paste(config: Config, site: str, post: tuple[str, str]) -> list[str]:
    folder = f"CMS_DATA_DIR={shlex.quote(str(config.data_dir.resolve()))}"
    lines = [
        "To leave a comment, paste this line, as often as you like:",
        "",
        leave_comment(post_url(site, post, "/comments")),
        "",
        "To approve the newest comment that waits:",
        "",
        approve_newest(f"{site}/api/v1/manage/comments", f"{folder} {cms()}"),
        "",
    ]
    secret = [name for name in SECRET_SETTINGS if os.environ.get(name)]
    if secret:
        lines += [f"The last line needs {' and '.join(secret)} in its environment.", ""]
    return lines


def leave_comment(url: str) -> str:
    # The time is put in by the shell: the same words twice would be refused.
    body = (
        """'{"author_name":"A reader","author_email":"reader@example.org","""
        """"body":"Thank you for this article. Written at '"$(date +%s)"'."}'"""
    )
    return f"{fetch()} -X POST {JSON} -d {body} {shlex.quote(url)}"


def approve_newest(url: str, command: str) -> str:
    token = f"{command} token add {shlex.quote(admin())} --scope comments:moderate --expires-in 1h"
    return (
        f"""{fetch()} -X PATCH -H "Authorization: Bearer $({token} | tail -n 1)" """
        f"""-H 'If-Match: *' {JSON} -d '{{"status":"approved"}}' """
        f"""{shlex.quote(f"{url}/")}"$({command} comment newest)\""""
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
