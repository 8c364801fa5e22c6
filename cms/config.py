"""Every setting: its type, its default, what it means. The environment is read here alone."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from cms.setting_checks import CHECKS, ConfigError, parse

Network = IPv4Network | IPv6Network


def setting(name: str, meaning: str, default: Any) -> Any:
    return field(default=default, metadata={"name": name, "meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Values ready to use. Build one directly in tests; `from_env` is for real processes."""

    host: str = setting("CMS_HOST", "Address to listen on", "127.0.0.1")
    port: int = setting("PORT", "Port to listen on", 8000)
    data_dir: Path = setting(
        "CMS_DATA_DIR", "Everything the site keeps: database, files, secret, lock", Path("var")
    )
    database_url: str = setting(
        "CMS_DATABASE_URL", "`postgresql://…`; empty: SQLite in the data folder", ""
    )
    secret: str = setting(
        "CMS_SECRET", "Signs form tokens and cursors; empty: a file made at first run", ""
    )
    workers: int = setting("CMS_WORKERS", "Server processes; 0: one per core", 0)
    threads: int = setting("CMS_THREADS", "Threads in each process", 4)
    worker: bool = setting(
        "CMS_WORKER", "Whether the server runs a worker too; `off` where `cms worker` does", True
    )
    comment_purge_days: int = setting(
        "CMS_COMMENT_PURGE_DAYS", "After so many days spam and trash are removed; 0: never", 30
    )
    comment_network_days: int = setting(
        "CMS_COMMENT_NETWORK_DAYS",
        "After so many days a comment's network and browser are forgotten; 0: never",
        90,
    )
    log: str = setting(
        "CMS_LOG",
        "`json` or `text`: a line for each request and event on standard error;"
        " `off`: what goes wrong alone, as text",
        "off",
    )
    metrics_port: int = setting(
        "CMS_METRICS_PORT", "Port of `/metrics` for Prometheus, all processes together; 0: off", 0
    )
    metrics_host: str = setting("CMS_METRICS_HOST", "Address where that port listens", "127.0.0.1")
    public_url: str = setting(
        "CMS_PUBLIC_URL", "Where this API is reached; empty: `http://HOST:PORT`", ""
    )
    site_url: str = setting("CMS_SITE_URL", "Where the frontend is", "http://localhost:3000")
    post_url: str = setting(
        "CMS_POST_URL",
        "A post's page; empty: `SITE_URL/posts/{slug}`. Knows `{slug}`, `{locale}`",
        "",
    )
    site_name: str = setting("CMS_SITE_NAME", "The site's name", "Medical Massage")
    site_description: str = setting(
        "CMS_SITE_DESCRIPTION",
        "One sentence about the site",
        "Articles about medical massage, with answers to common questions",
    )
    logo_url: str = setting("CMS_LOGO_URL", "Where the site's logo is; empty: none", "")
    locales: tuple[str, ...] = setting(
        "CMS_LOCALES", "Languages of the site, the default first, separated by commas", ("en",)
    )
    allowed_origins: tuple[str, ...] = setting(
        "CMS_ALLOWED_ORIGINS", "Origins whose pages may call the management API; empty: none", ()
    )
    trusted_proxies: str = setting(
        "CMS_TRUSTED_PROXIES",
        "Proxies that are believed whom they speak for: how many, or their addresses; empty: none",
        "",
    )
    proxy_header: str = setting(
        "CMS_PROXY_HEADER",
        "Where they say whom they speak for; without hyphens where they let names with `_` through",
        "X-Forwarded-For",
    )
    rate_limits: bool = setting("CMS_RATE_LIMITS", "`off` for load tests only", True)
    secure_cookies: bool = setting(
        "CMS_SECURE_COOKIES", "`on` where browsers reach the API over TLS", False
    )
    max_body_bytes: int = setting(
        "CMS_MAX_BODY_BYTES",
        "Largest request body under `/manage`, files apart; elsewhere 64,000, under `/auth` 16,000",
        2_000_000,
    )
    media_max_bytes: int = setting("CMS_MEDIA_MAX_BYTES", "Largest file to upload", 20_000_000)
    media_max_pixels: int = setting(
        "CMS_MEDIA_MAX_PIXELS",
        "Most pixels of an uploaded image, all frames of an animation together",
        50_000_000,
    )
    outbound_allow: tuple[str, ...] = setting(
        "CMS_OUTBOUND_ALLOW",
        "Private networks that webhooks may reach, on any port, as `10.1.0.0/16`; empty: none",
        (),
    )
    outbound_ports: tuple[str, ...] = setting(
        "CMS_OUTBOUND_PORTS",
        "Ports that webhooks may reach on the open net",
        ("80", "443", "8080", "8443"),
    )
    smtp_url: str = setting(
        "CMS_SMTP_URL",
        "Where mail goes out: `smtp://user:password@host:587` (with STARTTLS; without it on"
        " loopback or with `?starttls=off`) or `smtps://…`; empty: no mail",
        "",
    )
    mail_from: str = setting("CMS_MAIL_FROM", "Who mail is from: a bare address, no name", "")
    reset_url: str = setting(
        "CMS_RESET_URL",
        "Your page for a new password, with `{token}`; empty: `SITE_URL/password-reset/{token}`",
        "",
    )
    response_cache: bool = setting(
        "CMS_RESPONSE_CACHE", "`off`: keep no public answers in memory", True
    )
    response_cache_bytes: int = setting(
        "CMS_RESPONSE_CACHE_BYTES", "Memory for public answers, in each process", 16_000_000
    )
    shared_max_age: int = setting(
        "CMS_SHARED_MAX_AGE",
        "Seconds that a CDN may keep public answers (`s-maxage`), cut to the next flip; 0: none."
        " Needs `CMS_RESPONSE_CACHE` on",
        0,
    )
    surrogate_keys: bool = setting(
        "CMS_SURROGATE_KEYS",
        "`on`: tell a CDN what public answers hold (`Surrogate-Key`) and what to purge"
        " (outbox event `cache.purge`). Needs `CMS_RESPONSE_CACHE` on",
        False,
    )
    # Weaker passwords and writes that may be lost: for tests alone, so no variable sets it.
    testing: bool = False
    # Where processes of a server that is begun with `metrics_port` share their numbers.
    metrics_folder: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Config":
        """Read the settings. Raises ConfigError naming the first that can not be used."""
        given = {}
        for one in settings():
            text = env.get(one.metadata["name"], "")
            if text.strip():
                given[one.name] = parse(one.metadata["name"], one.default, text.strip())
        return cls(**given)

    def __post_init__(self) -> None:
        for check in CHECKS:
            check(self)

    @property
    def database_uri(self) -> str:
        """The SQLAlchemy URL, with the driver named."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.resolve() / 'site.db'}"
        for prefix in ("postgresql://", "postgres://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url

    @cached_property
    def api_url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def post_url_template(self) -> str:
        return self.post_url or self.site_url.rstrip("/") + "/posts/{slug}"

    @property
    def default_locale(self) -> str:
        return self.locales[0]

    @property
    def proxy_networks(self) -> list[Network]:
        if self.trusted_proxies.isdecimal():
            return []
        names = [name.strip() for name in self.trusted_proxies.split(",") if name.strip()]
        return [ip_network(name, strict=False) for name in names]

    @property
    def outbound_networks(self) -> list[Network]:
        return [ip_network(name, strict=False) for name in self.outbound_allow]

    @property
    def proxy_count(self) -> int:
        return int(self.trusted_proxies) if self.trusted_proxies.isdecimal() else 0

    @property
    def signing_key(self) -> bytes:
        """The site's secret. Raises ConfigError before `cms init` made one."""
        if self.secret:
            return self.secret.encode()
        try:
            return self.secret_file.read_bytes().strip()
        except FileNotFoundError:
            raise ConfigError(
                f"There is no {self.secret_file.resolve()}. Run `cms init` first,"
                " or set CMS_DATA_DIR to the folder of your site."
            ) from None

    @property
    def secret_file(self) -> Path:
        return self.data_dir / "secret.key"

    def make_secret(self) -> None:
        """Write a new secret, readable by this user alone, unless one is there."""
        try:
            handle = os.open(self.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))


# How alike two names are that somebody may have mixed up, all of them beginning with `CMS_`.
CLOSE = 0.75


def settings() -> list[Field[Any]]:
    """The fields that the environment can set; `metadata` has their `name` and `meaning`."""
    return [one for one in fields(Config) if one.metadata]


def unknown_names(env: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each variable that looks like a setting and is none."""
    known = [one.metadata["name"] for one in settings()]
    odd = (name for name in sorted(env) if name.startswith("CMS_") and name not in known)
    return [_unknown(name, known) for name in odd]


def _unknown(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name, known, n=1, cutoff=CLOSE)
    return f"{name} is no setting" + (f": do you mean {nearest[0]}?" if nearest else ".")
