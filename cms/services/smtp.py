"""Hand a mail to the server that the settings name."""

import smtplib
import ssl
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from cms.config import Config

# For each step of the conversation, in seconds.
PATIENCE = 10


class Failed(Exception):
    """It was not taken. `for_good`: it never will be, as it is."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


def send(message: EmailMessage, config: Config) -> None:
    """Raises Failed, which says why without the server's words: those may hold an address."""
    try:
        with _connected(urlsplit(config.smtp_url)) as server:
            _hand_over(server, message)
    except smtplib.SMTPRecipientsRefused as error:
        code = min(code for code, _ in error.recipients.values())
        raise Failed(f"SMTP {code}", for_good=code >= 500) from None
    except smtplib.SMTPAuthenticationError as error:
        # A matter of settings, which somebody may mend.
        raise Failed(f"SMTP {error.smtp_code}") from None
    except smtplib.SMTPResponseException as error:
        refused = isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError)
        raise Failed(
            f"SMTP {error.smtp_code}", for_good=refused and error.smtp_code >= 500
        ) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise Failed(type(error).__name__) from None


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPNotSupportedError:
        raise Failed("SMTPUTF8 is not offered", for_good=True) from None


def _connected(url: SplitResult) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    host = url.hostname or ""
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or 465, timeout=PATIENCE, context=trusted
        )
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=PATIENCE)
    try:
        # Asked for and not offered is a failure: somebody on the way may hide the offer.
        if url.scheme == "smtp" and _needs_tls(url):
            server.starttls(context=trusted)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _needs_tls(url: SplitResult) -> bool:
    if url.query:
        return url.query == "starttls=on"
    try:
        return not ip_address(url.hostname or "").is_loopback
    except ValueError:
        return url.hostname != "localhost"
