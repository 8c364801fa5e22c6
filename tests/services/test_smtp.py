"""Mail goes to its server by TLS, under a name, or not at all: a real server with certificates."""

from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from cms.config import Config
from cms.services import smtp
from tests.databases import free_port
from tests.mailboxes import Mailbox

pytestmark = [
    pytest.mark.thorough,
    # The server of the tests asks for a name after TLS alone, and takes care to say so.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]

USER, WORD = "cms", "p@ss: word/%"
URL_USER = "cms:p%40ss%3A%20word%2F%25"


class Server(Mailbox):
    """Who signed in with what is in `tried`; that nobody did is an empty list."""

    def __init__(self):
        super().__init__()
        self.tried = []

    def knows(self, _server, session, _envelope, _mechanism, given):
        assert isinstance(given, LoginPassword)
        self.tried.append((given.login.decode(), given.password.decode(), session.ssl is not None))
        return AuthResult(success=given.password.decode() == WORD, handled=False)


@contextmanager
def mail_server(**settings):
    box = Server()
    known = {"authenticator": box.knows, "auth_required": True}
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port, **known | settings)
    server.start()
    try:
        yield box, port
    finally:
        server.stop()


def send(scheme, port, *, host="127.0.0.1", user=URL_USER, query=""):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Hi"
    message.set_content("Warm.")
    url = f"{scheme}://{user}@{host}:{port}{query}" if user else f"{scheme}://{host}:{port}{query}"
    smtp.send(message, Config(secret="x" * 32, smtp_url=url, mail_from="a@example.org"))


def refusal(*args, **kwargs):
    with pytest.raises(smtp.Failed) as refused:
        send(*args, **kwargs)
    return str(refused.value), refused.value.for_good


STARTTLS = "?starttls=on"


@pytest.mark.usefixtures("trusted")
class TestATrustedServer:
    @pytest.fixture(params=["smtp", "smtps"])
    def server(self, request, certificates):
        context = certificates.here
        by = {
            "smtp": {"tls_context": context, "require_starttls": True, "auth_require_tls": True},
            # Its TLS is outside what the library looks at.
            "smtps": {"ssl_context": context, "auth_require_tls": False},
        }
        with mail_server(**by[request.param]) as (box, port):
            query = STARTTLS if request.param == "smtp" else ""
            yield box, lambda **how: send(request.param, port, **{"query": query} | how)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    def test_takes_a_mail_under_a_name(self, server, host):
        box, deliver = server

        deliver(host=host)

        assert [one["Subject"] for one in box.arrived] == ["Hi"]
        assert [(name, word) for name, word, _ in box.tried] == [(USER, WORD)]

    def test_that_knows_another_password_is_tried_again_later(self, server):
        box, deliver = server

        with pytest.raises(smtp.Failed, match="SMTP 535") as refused:
            deliver(user="cms:wrong")

        assert (refused.value.for_good, box.arrived) == (False, [])

    def test_that_wants_a_name_gets_no_mail_without_one(self, server):
        box, deliver = server

        with pytest.raises(smtp.Failed, match="SMTP 530"):
            deliver(user="")

        assert box.arrived == []


def test_a_password_goes_over_tls_alone(certificates, trusted):
    with mail_server(tls_context=certificates.here, auth_require_tls=True) as (box, port):
        send("smtp", port, query=STARTTLS)

    assert box.tried == [(USER, WORD, True)]


def test_tls_that_is_not_offered_is_no_reason_to_go_without(trusted):
    with mail_server(auth_require_tls=False) as (box, port):
        said, for_good = refusal("smtp", port, query=STARTTLS)

    assert (said, for_good) == ("SMTPNotSupportedError", False)
    assert (box.tried, box.arrived) == ([], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
class TestACertificate:
    def refused(self, scheme, context, **how):
        by = {"smtp": {"tls_context": context}, "smtps": {"ssl_context": context}}[scheme]
        query = STARTTLS if scheme == "smtp" else ""
        with mail_server(**by, auth_require_tls=scheme == "smtp") as (box, port):
            said, for_good = refusal(scheme, port, query=query, **how)
        assert (box.tried, box.arrived, for_good) == ([], [], False)
        return said

    def test_of_an_unknown_authority_is_refused(self, certificates, scheme):
        assert self.refused(scheme, certificates.here) == "SSLCertVerificationError"

    def test_of_another_name_is_refused(self, certificates, trusted, scheme):
        assert self.refused(scheme, certificates.elsewhere) == "SSLCertVerificationError"


def test_a_server_that_speaks_no_tls_is_a_failure(trusted):
    with mail_server(auth_require_tls=False) as (box, port):
        said, for_good = refusal("smtps", port)

    assert (said, for_good, box.tried) == ("SSLError", False, [])


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("smtp://mail.example.org", True),
        ("smtp://10.0.0.1:25", True),
        ("smtp://mail.example.org?starttls=off", False),
        ("smtp://127.0.0.1", False),
        ("smtp://[::1]", False),
        ("smtp://localhost:25", False),
        ("smtp://localhost?starttls=on", True),
        ("smtp://127.0.0.1.example.org", True),
    ],
)
def test_tls_is_needed_but_for_this_machine_or_who_says_so(url, needed):
    assert smtp._needs_tls(smtp.urlsplit(url)) is needed
