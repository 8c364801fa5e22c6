"""Messages as the Standard Webhooks specification has them: an id, a time, and signatures.

Secrets are made from the site's own, so that a copy of the database can sign nothing.
"""

import base64
import hashlib
import hmac
from datetime import datetime

from cms.models import Webhook
from cms.services import signing

PREFIX = "whsec_"


def secret(webhook: Webhook) -> str:
    """The present secret, as its receiver keeps it."""
    return _secret(webhook.id, webhook.secret_number)


def secrets(webhook: Webhook, now: datetime) -> list[str]:
    """All that are good now; after a change, for a time, the one before as well."""
    until = webhook.old_secret_until
    numbers = [webhook.secret_number]
    if until is not None and now < until:
        numbers.append(webhook.secret_number - 1)
    return [_secret(webhook.id, number) for number in numbers]


def headers(message_id: str, now: datetime, body: bytes, secrets: list[str]) -> dict[str, str]:
    """What a receiver checks: the id stays at every attempt, the time is that of this one."""
    moment = str(int(now.timestamp()))
    signed = f"{message_id}.{moment}.".encode() + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "headless-cms-webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_signature(one, signed) for one in secrets),
    }


def _secret(webhook_id: str, number: int) -> str:
    key = bytes.fromhex(signing.digest("webhook", webhook_id, str(number)))
    return PREFIX + base64.b64encode(key).decode()


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"
