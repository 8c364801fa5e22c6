"""What settings say, and what they must be before anything starts: the first fault is told."""

import re
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class ConfigError(ValueError):
    """A setting that can not be used; the message names it."""


def _numbers_in_range(config: Any) -> None:
    limits = {"port": (0, 65535), "metrics_port": (0, 65535), "workers": (0, 256)}
    limits |= {"threads": (1, 256), "max_body_bytes": (10_000, 1_000_000_000)}
    limits |= dict.fromkeys(["media_max_bytes", "media_max_pixels"], (10_000, 1_000_000_000))
    limits |= {"response_cache_bytes": (100_000, 100_000_000_000)}
    limits |= {"shared_max_age": (0, 31_536_000)}
    for name, (least, most) in limits.items():
        if not least <= getattr(config, name) <= most:
            raise ConfigError(f"{env_name(config, name)} must be between {least} and {most}.")


def _urls(config: Any) -> None:
    for name in ("public_url", "site_url", "post_url", "logo_url", "reset_url"):
        url = getattr(config, name)
        if url and not url.startswith(("http://", "https://")):
            raise ConfigError(f"{env_name(config, name)} must start with http:// or https://.")
    try:
        config.post_url_template.format(slug="slug", locale="en")
    except (KeyError, IndexError, ValueError):
        raise ConfigError("CMS_POST_URL may hold only {slug} and {locale} in braces.") from None


# A list of all locales is one statement with a part for each, and SQLite takes 500 parts: a filter
# has 20 values at most.
MOST_LOCALES = 20
LANGUAGE_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{1,8})*")
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
ORIGIN = re.compile(r"https?://[^\s/?#@]+")
# Any name, but for what can only be meant as an address of numbers.
HOST_NAME = re.compile(r"(?![0-9.]+$)[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def _locales(config: Any) -> None:
    if not 1 <= len(config.locales) <= MOST_LOCALES:
        raise ConfigError(f"CMS_LOCALES names at least 1 and at most {MOST_LOCALES} languages.")
    for locale in config.locales:
        if not (len(locale) <= 16 and LANGUAGE_TAG.fullmatch(locale)):
            raise ConfigError(
                f"CMS_LOCALES: {locale!r} is not a language tag like `en` or `pt-BR`."
            )


def _host(config: Any) -> None:
    for name in ("host", "metrics_host"):
        host = getattr(config, name)
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            if not HOST_NAME.fullmatch(host):
                raise ConfigError(
                    f"{env_name(config, name)}: {host!r} is neither an address nor a name."
                ) from None


LOGS = ["json", "text", "off"]


def _log(config: Any) -> None:
    if config.log not in LOGS:
        raise ConfigError(f"CMS_LOG: {config.log!r} is none of {', '.join(LOGS)}.")


def _origins(config: Any) -> None:
    for origin in config.allowed_origins:
        if not ORIGIN.fullmatch(origin):
            raise ConfigError(
                f"CMS_ALLOWED_ORIGINS: {origin!r} is no origin like `https://editor.example.org`."
            )


def _proxies(config: Any) -> None:
    try:
        _ = config.proxy_networks, config.trusted_proxies.encode("ascii")
    except ValueError:
        raise ConfigError(
            f"CMS_TRUSTED_PROXIES: {config.trusted_proxies!r} is neither a number nor addresses."
        ) from None


def _proxy_header(config: Any) -> None:
    if not HEADER.fullmatch(config.proxy_header):
        raise ConfigError(f"CMS_PROXY_HEADER: {config.proxy_header!r} is no name of a header.")


def _outbound(config: Any) -> None:
    try:
        _ = config.outbound_networks
    except ValueError:
        raise ConfigError("CMS_OUTBOUND_ALLOW holds what is no network like 10.1.0.0/16.") from None
    if not all(port.isdecimal() and 0 < int(port) < 65536 for port in config.outbound_ports):
        raise ConfigError("CMS_OUTBOUND_PORTS holds what is no port.")


def _database(config: Any) -> None:
    if not config.database_uri.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("CMS_DATABASE_URL must start with postgresql:// or sqlite:///.")


def _shared_caches(config: Any) -> None:
    if not config.response_cache and (config.shared_max_age or config.surrogate_keys):
        name = "shared_max_age" if config.shared_max_age else "surrogate_keys"
        raise ConfigError(f"{env_name(config, name)} needs CMS_RESPONSE_CACHE on.")


def _mail(config: Any) -> None:
    try:
        server, options = urlsplit(config.smtp_url), urlsplit(config.smtp_url).query
        usable = server.scheme in ("smtp", "smtps") and server.hostname and server.port != 0
    except ValueError:
        usable = False
    if config.smtp_url and not (usable and options in ("", "starttls=off", "starttls=on")):
        # It may hold a password, so it is not shown.
        raise ConfigError("CMS_SMTP_URL is not like `smtp://user:password@mail.example.org:587`.")
    if not unquote(config.smtp_url).isascii():
        raise ConfigError("CMS_SMTP_URL holds what is not ASCII: no mail server could be told.")
    if (config.smtp_url or config.mail_from) and not MAIL_ADDRESS.fullmatch(config.mail_from):
        raise ConfigError("CMS_MAIL_FROM is no bare address like `cms@example.org`.")
    if config.reset_url and "{token}" not in config.reset_url:
        raise ConfigError("CMS_RESET_URL must hold {token}.")


# What must hold before anything starts; the first that does not is reported.
CHECKS = [_numbers_in_range, _host, _urls, _locales, _origins, _proxies, _proxy_header]
CHECKS += [_outbound, _database, _shared_caches, _log, _mail]


def env_name(config: Any, name: str) -> str:
    """The variable that sets a field."""
    return next(one.metadata["name"] for one in fields(config) if one.name == name)


SWITCH = {"on": True, "true": True, "1": True, "yes": True}
SWITCH |= {"off": False, "false": False, "0": False, "no": False}


def parse(name: str, default: Any, text: str) -> Any:
    """What a variable says, of the type of its default. Raises ConfigError."""
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
        wanted = "on or off" if isinstance(default, bool) else "a whole number"
        raise ConfigError(f"{name} can not be {text!r}: it is {wanted}.") from None
