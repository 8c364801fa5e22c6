"""`python -m tests.threats.rebinding FOLDER`: calls from a network with a DNS server that lies.

Run it in new network and mount namespaces: there is nothing but loopback, which gets an address
of the open net as well; the machine's resolver asks our server, which answers each look-up as it
likes. Prints as JSON what each call came to, and how often each listener was reached.
"""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import dns.message
import dns.rdatatype
import dns.rrset

from cms.config import Config
from cms.services import outbound, outbound_addresses

OPEN, INSIDE = "93.184.216.34", "127.0.0.1"
# How the n-th look-up of a name is answered, by addresses; a name is one to be asked for next.
Zone = dict[str, Callable[[int], list[str]]]
ZONE: Zone = {
    "steady": lambda _: [OPEN],
    "rebinding": lambda n: [INSIDE if n else OPEN],
    "flapping": lambda n: [INSIDE if n % 2 else OPEN],
    "mixed": lambda _: [OPEN, INSIDE],
    "mixed-otherwise": lambda _: [INSIDE, OPEN],
    "mixed-families": lambda _: [OPEN, "::1"],
    "mapped": lambda _: ["::ffff:127.0.0.1"],
    "metadata": lambda _: ["169.254.169.254"],
    "private": lambda _: ["10.0.0.1"],
    "nowhere": lambda _: ["0.0.0.0"],  # noqa: S104
    "alias": lambda _: ["private.example.org"],
    "alias-of-localhost": lambda _: ["localhost"],
    "missing": lambda _: [],
}
CONFIG = Config(secret="x" * 32)


class Server:
    """Answers over UDP; `asked` counts look-ups of addresses by name."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((INSIDE, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            data, sender = self.socket.recvfrom(4096)
            self.socket.sendto(self._answer(dns.message.from_wire(data)).to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer, (question,) = dns.message.make_response(query), query.question
        name = question.name.to_text().removesuffix(".example.org.")
        kind = dns.rdatatype.to_text(question.rdtype)
        # Both families are asked for in each look-up.
        number = self.asked.get(f"{name} {kind}", 0)
        self.asked[f"{name} {kind}"] = number + 1
        for one in ZONE.get(name, lambda _: [])(number):
            self._say(answer, question.name, one, kind)
        return answer

    def _say(self, answer: dns.message.Message, name: dns.name.Name, one: str, kind: str) -> None:
        if one[0].isalpha():
            answer.answer.append(dns.rrset.from_text(name, 0, "IN", "CNAME", f"{one}."))
            for further in ZONE.get(one.removesuffix(".example.org"), lambda _: [INSIDE])(0):
                self._say(answer, dns.name.from_text(f"{one}."), further, kind)
        elif ("AAAA" if ":" in one else "A") == kind:
            answer.answer.append(dns.rrset.from_text(name, 0, "IN", kind, one))


class Listener:
    def __init__(self, address: str) -> None:
        self.reached = 0
        self.socket = socket.create_server((address, 80))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            one, _ = self.socket.accept()
            self.reached += 1
            with one:
                one.recv(10_000)
                one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def called(name: str) -> str:
    try:
        return str(outbound.post(f"http://{name}.example.org/", b"{}", {}, CONFIG).status)
    except outbound.Failed as error:
        return str(error)


def saved(name: str) -> str:
    try:
        outbound_addresses.check(f"http://{name}.example.org/", CONFIG)
    except outbound_addresses.Refused as error:
        return str(error)
    return "taken"


def main(folder: Path) -> None:
    resolver = folder / "resolv.conf"
    resolver.write_text(f"nameserver {INSIDE}\noptions timeout:2 attempts:2\n")
    for command in (
        f"mount --bind {resolver} /etc/resolv.conf",
        "ip link set lo up",
        f"ip address add {OPEN}/32 dev lo",
    ):
        subprocess.run(command.split(), check=True)
    names, good, bad = Server(), Listener(OPEN), Listener(INSIDE)
    found = {name: [called(name) for _ in range(6)] for name in ZONE}
    names.asked.clear()
    later = [saved("rebinding"), called("rebinding")]
    counted = {"look-ups": names.asked["rebinding A"], "good": good.reached, "bad": bad.reached}
    json.dump({"calls": found, "saved and called": later} | counted, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
