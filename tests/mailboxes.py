"""A mail server on loopback that keeps what it takes, and refuses what a test wants."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """`arrived` has each mail; `recipients` whom its envelope named."""

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: Callable[[str], str] = lambda _address: "250 OK"
        # Said after a mail was kept: what a sender hears who dies before it.
        self.after = "250 OK"
        self.url = ""

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self.answers(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.arrived.append(message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        return self.after

    def texts(self, kind: str = "") -> list[str]:
        return [text_of(one) for one in self.arrived if kind in one["Subject"]]


def text_of(mail: EmailMessage) -> str:
    return mail.get_content().replace("\r\n", "\n")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = Mailbox()
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    found.url = f"smtp://127.0.0.1:{port}"
    try:
        yield found
    finally:
        server.stop()
