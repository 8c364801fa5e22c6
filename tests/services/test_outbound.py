"""The outbound client reaches the open net alone, and no receiver keeps it for long."""

import gc
import itertools
import socket
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from cms.config import Config
from cms.services import outbound, outbound_addresses
from cms.services.outbound import Failed
from cms.services.outbound_addresses import Refused
from tests.receivers import not_accepting, receiving, resetting, silent, speaking

pytestmark = pytest.mark.threat("B15")

LOOPBACK = Config(secret="x" * 32, outbound_allow=("127.0.0.0/8",))
# Each leads, or may lead, to this machine or its network. `{}` is the port of a listener.
TO_OURSELVES = [
    "http://127.0.0.1:{}/",
    "http://127.1:{}/",
    "http://2130706433:{}/",
    "http://0x7f.1:{}/",
    "http://0177.1:{}/",
    "http://0x7f000001:{}/",
    "http://017700000001:{}/",
    "http://127.0.0.1.:{}/",
    "http://127.000.000.001:{}/",
    "http://0:{}/",
    "http://0.0.0.0:{}/",
    "http://localhost:{}/",
    "http://localhost.:{}/",
    "http://LOCALHOST:{}/",
    "http://[::1]:{}/",
    "http://[::ffff:127.0.0.1]:{}/",
    "http://[::ffff:7f00:1]:{}/",
    "http://[::ffff:0:127.0.0.1]:{}/",
    "http://[::]:{}/",
    "http://[::127.0.0.1]:{}/",
    "http://[64:ff9b::7f00:1]:{}/",
    "http://[64:ff9b:1::7f00:1]:{}/",
    "http://[2002:7f00:1::]:{}/",
    "http://[2001:0:7f00:1::]:{}/",
    "http://[fe80::1]:{}/",
    "http://[fec0::1]:{}/",
    "http://[fe80::1%25lo]:{}/",
    "http://[fd00::1]:{}/",
    "http://[ff02::1]:{}/",
    "http://169.254.169.254:{}/",
    "http://10.0.0.1:{}/",
    "http://172.16.0.1:{}/",
    "http://192.168.0.1:{}/",
    "http://100.64.0.1:{}/",
    "http://192.0.0.192:{}/",
    "http://198.18.0.1:{}/",
    "http://224.0.0.1:{}/",
    "http://240.0.0.1:{}/",
    "http://255.255.255.255:{}/",
    "http://@127.0.0.1:{}/",
    "http://user@127.0.0.1:{}/",
    "http://user:word@127.0.0.1:{}/",
    "http://example.org@127.0.0.1:{}/",
    "http://127.0.0.1:{}\\@example.org/",
    "http://example.org\\@127.0.0.1:{}/",
    # Digits of another width.
    "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11:{}/",
    "http://①②⑦.⓪.⓪.①:{}/",
    "http://127。0。0。1:{}/",
    "http://ⓛocalhost:{}/",
    "http://%31%32%37.0.0.1:{}/",
    "http://127.0.0.1%00.example.org:{}/",
    "http://[::1]%25@example.org:{}/",
    "ftp://127.0.0.1:{}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{}/",
    "//127.0.0.1:{}/",
    "127.0.0.1:{}",
    "http:127.0.0.1:{}/",
    "http:///127.0.0.1:{}/",
    "http://:{}/",
    "https://127.0.0.1:{}/",
    "javascript:alert(1)",
]


def test_nothing_that_leads_to_ourselves_is_called_or_may_be_saved():
    calls = []
    with speaking(lambda one: calls.append(one.recv(100))) as url:
        port = url.rsplit(":", 1)[1].strip("/")
        # The port is not what keeps them out.
        config = Config(secret="x" * 32, outbound_ports=("80", "443", port))
        for address in (one.replace("{}", port) for one in TO_OURSELVES):
            assert not is_called(address, config), address
            if not address.isascii() or "localhost" not in address:
                with pytest.raises(Refused):
                    outbound_addresses.check(address, config)

    # What ends the listener is a connection without a word.
    assert [call for call in calls if call] == []


def is_called(url, config):
    with suppress(Failed):
        return outbound.post(url, b"{}", {}, config)


def test_a_name_with_one_bad_address_among_good_ones_is_refused(monkeypatch):
    answers = {"mixed.example.org": ["93.184.216.34", "127.0.0.1"], "v6.example.org": ["::1"]}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: rows(answers[host]))

    for host in answers:
        with pytest.raises(Failed, match="not on the open net"):
            outbound.post(f"http://{host}/", b"{}", {}, Config(secret="x" * 32))
        with pytest.raises(Refused):
            outbound_addresses.check(f"http://{host}/", Config(secret="x" * 32))


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch):
    looked_up = itertools.count()
    ask = socket.getaddrinfo

    def changing(host, *rest, **kwargs):
        """Good at the first look-up, and ourselves at each that follows."""
        if host != "changing.example.org":
            return ask(host, *rest, **kwargs)
        return rows(["127.0.0.1" if next(looked_up) else "127.0.0.2"])

    with receiving("127.0.0.2") as good, speaking(lambda one: calls.append(one)) as bad:
        calls = []
        monkeypatch.setattr(socket, "getaddrinfo", changing)
        port = good.server.server_port
        config = replace(LOOPBACK, outbound_allow=("127.0.0.2/32",))

        answer = outbound.post(f"http://changing.example.org:{port}/", b"{}", {}, config)

        assert (answer.status, next(looked_up), calls) == (200, 1, [])
        assert good.arrived[0][0]["host"] == f"changing.example.org:{port}"
        assert bad


def rows(addresses):
    return [(None, None, None, "", (address, 0)) for address in addresses]


def test_a_redirect_is_an_answer_and_not_followed(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    with receiving() as other, receiving() as first:
        for status in (301, 302, 303, 307, 308):
            first.answers = lambda _, status=status: (status, {"Location": other.url})

            assert outbound.post(first.url, b"{}", {}, LOOPBACK).status == status

    assert (len(first.arrived), other.arrived) == (5, [])


def test_ports_are_few_on_the_open_net():
    config = Config(secret="x" * 32)
    for port in (80, 443, 8080, 8443):
        outbound_addresses.check(f"http://93.184.216.34:{port}/", config)
    for port in (0, 22, 25, 6379, 65535):
        with pytest.raises(Refused, match="port"):
            outbound_addresses.check(f"http://93.184.216.34:{port}/", config)


HEAD = b"HTTP/1.1 200 OK\r\n"


def dripping(one):
    for byte in itertools.chain(HEAD + b"X-Long: ", itertools.repeat(ord("x"))):
        one.sendall(bytes([byte]))
        time.sleep(0.05)


def endless_head(one):
    while True:
        one.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def endless_body(one):
    one.sendall(HEAD + b"\r\n")
    while True:
        one.sendall(b"x" * 65536)


def dripping_body(one):
    one.sendall(HEAD + b"\r\n")
    drip(one)


def dripping_length(one):
    """It never says how long its first chunk is."""
    one.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    drip(one, b"0")


def drip(one, byte=b"x"):
    while True:
        one.sendall(byte)
        time.sleep(0.05)


def stopping(one):
    """The status is there, and the rest never comes."""
    one.sendall(HEAD + b"Content-Length: 100\r\n\r\nabc")
    one.recv(10_000)
    time.sleep(3)


TOO_LONG = "It took too long."
BROKEN = {"The connection was broken off.", "The connection was closed without an answer."}
SPEAKERS = {
    silent: {TOO_LONG},
    dripping: {TOO_LONG},
    endless_head: {TOO_LONG},
    endless_body: {200},
    stopping: {200},
    dripping_body: {200},
    dripping_length: {200},
    resetting: BROKEN,
    lambda one: one.sendall(b"SSH-2.0-OpenSSH\r\n"): BROKEN | {"No answer that is HTTP came back."},
    lambda one: one.close(): BROKEN,
}


@pytest.mark.thorough
def test_no_receiver_keeps_the_client_beyond_its_time(monkeypatch):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 1)
    for speak, expected in SPEAKERS.items():
        with speaking(speak) as url:
            began = time.monotonic()

            assert outcome(url) in expected, speak

            assert time.monotonic() - began < 10 * outbound.TOTAL_SECONDS


def dripping_handshake(one):
    """The longest record of TLS there is, byte by byte."""
    one.sendall(b"\x16\x03\x03\x40\x00\x02")
    drip(one, b"\0")


@pytest.mark.thorough
@pytest.mark.parametrize("speak", [silent, dripping_handshake])
def test_no_handshake_keeps_the_client_beyond_its_time(monkeypatch, speak):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 1)
    with speaking(speak) as url:
        assert outcome(url.replace("http:", "https:")) == TOO_LONG


def behind_tls(certificates, speak):
    """What speaks on a connection, after a handshake."""

    def begin(one):
        with certificates.here.wrap_socket(one, server_side=True) as safe:
            # Who closes before all was read resets the connection, and its answer with it.
            while not safe.recv(10_000).endswith(b"{}"):
                pass
            speak(safe)

    return begin


BEHIND_TLS = {
    dripping: {TOO_LONG},
    endless_head: {TOO_LONG},
    dripping_body: {200},
    dripping_length: {200},
    stopping: {200},
    resetting: BROKEN,
    lambda one: one.sendall(HEAD + b"\r\n"): {200},
}


@pytest.mark.thorough
@pytest.mark.parametrize("speak", BEHIND_TLS)
def test_no_receiver_behind_tls_keeps_it_either(monkeypatch, certificates, trusted, speak):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 1)
    with speaking(behind_tls(certificates, speak)) as url:
        assert outcome(url.replace("http:", "https:")) in BEHIND_TLS[speak]


@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
def test_a_handshake_that_is_broken_off_is_told_as_that():
    with speaking(resetting) as first, speaking(lambda one: one.close()) as second:
        for url in 20 * [first, second]:
            assert outcome(url.replace("http:", "https:")) in BROKEN
    # Python closes a socket late that was reset as its handshake began, and warns of it.
    gc.collect()


def test_an_address_without_a_way_to_it_is_told_as_that():
    # A broadcast, to which no connection can be made.
    assert outcome("http://127.255.255.255:80/") == "The address can not be reached."


@pytest.mark.thorough
def test_a_receiver_that_nobody_vouches_for_is_told_nothing(certificates):
    with speaking(behind_tls(certificates, stopping)) as url:
        assert outcome(url.replace("http:", "https:")) == "The certificate can not be trusted."


def test_who_lets_nobody_in_keeps_the_client_no_longer_than_one_wait(monkeypatch):
    monkeypatch.setattr(outbound, "WAIT_SECONDS", 0.5)
    with not_accepting() as url:
        assert outcome(url) == TOO_LONG


def test_a_connection_that_is_reset_as_it_is_made_is_a_failure():
    with speaking(resetting) as url:
        # Whether connecting fails, sending or reading is decided each time anew.
        assert {outcome(url) for _ in range(50)} <= BROKEN


def outcome(url):
    try:
        found = outbound.post(url, b"{}", {}, LOOPBACK)
    except Failed as error:
        return str(error)
    return found.status if len(found.excerpt) <= outbound.EXCERPT_BYTES else "too much"
