"""Every setting: its type, its default, what it means. The environment is read here alone."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

Network = IPv4Network | IPv6Network


class ConfigError(ValueError):
    """A setting that can not be used; the message names it."""


def setting(name: str, meaning: str, default: Any) -> Any:
    return field(default=default, metadata={"name": name, "meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Values ready to use. Build one directly in tests; `from_env` is for real processes."""

    host: str = setting("CMS_HOST", "Address to listen on", "127.0.0.1")
    port: int = setting("PORT", "Port to listen on", 8000)
    data_dir: Path = setting(
        "CMS_DATA_DIR", "Everything the site keeps: database, secret, lock", Path("var")
    )
    database_url: str = setting(
        "CMS_DATABASE_URL", "`postgresql://…`; empty: SQLite in the data folder", ""
    )
    secret: str = setting(
        "CMS_SECRET", "Signs form tokens and cursors; empty: a file made at first run", ""
    )
    workers: int = setting("CMS_WORKERS", "Server processes; 0: one per core", 0)
    threads: int = setting("CMS_THREADS", "Threads in each process", 4)
    metrics_port: int = setting(
        "CMS_METRICS_PORT", "Port for Prometheus metrics of the server; 0: off", 0
    )
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
        "CMS_ALLOWED_ORIGINS", "Origins whose pages may call the management API", ()
    )
    trusted_proxies: str = setting(
        "CMS_TRUSTED_PROXIES",
        "Proxies whose `X-Forwarded-For` is believed: how many, or their addresses",
        "",
    )
    rate_limits: bool = setting("CMS_RATE_LIMITS", "`off` for load tests only", True)
    secure_cookies: bool = setting(
        "CMS_SECURE_COOKIES", "`on` where browsers reach the API over TLS", False
    )
    max_body_bytes: int = setting(
        "CMS_MAX_BODY_BYTES", "Largest request body under `/manage`; elsewhere 64,000", 2_000_000
    )
    # Weaker passwords and writes that may be lost: for tests alone, so no variable sets it.
    testing: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Config":
        """Read the settings. Raises ConfigError naming the first that can not be used."""
        given = {}
        for one in settings():
            text = env.get(one.metadata["name"], "")
            if text.strip():
                given[one.name] = _parse(one.metadata["name"], one.default, text.strip())
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

    @property
    def api_url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
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
            raise ConfigError(f"There is no {self.secret_file}. Run `cms init` first.") from None

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


SWITCH = {"on": True, "true": True, "1": True, "yes": True}
SWITCH |= {"off": False, "false": False, "0": False, "no": False}


def _parse(name: str, default: Any, text: str) -> Any:
    try:
        match default:
            case bool():
                return SWITCH[text.lower()]
            case int():
                return int(text)
            case Path():
                return Path(text)
            case tuple():
                return tuple(part.strip() for part in text.split(",") if part.strip())
            case _:
                return text
    except (KeyError, ValueError):
        raise ConfigError(f"{name} can not be {text!r}.") from None


def _numbers_in_range(config: Config) -> None:
    limits = {"port": (0, 65535), "metrics_port": (0, 65535), "workers": (0, 256)}
    limits |= {"threads": (1, 256), "max_body_bytes": (10_000, 1_000_000_000)}
    for name, (least, most) in limits.items():
        if not least <= getattr(config, name) <= most:
            raise ConfigError(f"{env_name(name)} must be between {least} and {most}.")


def _urls(config: Config) -> None:
    for name in ("public_url", "site_url", "post_url", "logo_url"):
        url = getattr(config, name)
        if url and not url.startswith(("http://", "https://")):
            raise ConfigError(f"{env_name(name)} must start with http:// or https://.")
    try:
        config.post_url_template.format(slug="slug", locale="en")
    except (KeyError, IndexError, ValueError):
        raise ConfigError("CMS_POST_URL may hold only {slug} and {locale} in braces.") from None


def _locales(config: Config) -> None:
    for locale in config.locales:
        if not (2 <= len(locale) <= 16 and locale.replace("-", "").isalnum() and locale.isascii()):
            raise ConfigError(
                f"CMS_LOCALES: {locale!r} is not a language tag like `en` or `pt-BR`."
            )


def _proxies(config: Config) -> None:
    try:
        _ = config.proxy_networks, config.trusted_proxies.encode("ascii")
    except ValueError:
        raise ConfigError(
            f"CMS_TRUSTED_PROXIES: {config.trusted_proxies!r} is neither a number nor addresses."
        ) from None


def _database(config: Config) -> None:
    if not config.database_uri.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("CMS_DATABASE_URL must start with postgresql:// or sqlite:///.")


# What must hold before anything starts; the first that does not is reported.
CHECKS = [_numbers_in_range, _urls, _locales, _proxies, _database]


def settings() -> list[Field[Any]]:
    """The fields that the environment can set; `metadata` has their `name` and `meaning`."""
    return [one for one in fields(Config) if one.metadata]


def env_name(name: str) -> str:
    return next(one.metadata["name"] for one in settings() if one.name == name)
