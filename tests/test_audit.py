"""`make audit` fails for a known vulnerability, and for nothing else. The service is a real one."""

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.databases import free_port

pytestmark = pytest.mark.thorough

KNOWN = {"id": "PYSEC-2026-1", "summary": "x", "affected": [], "aliases": []}


@contextmanager
def service(bad):
    """Says by OSV's protocol that one package has a vulnerability."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package = asked["package"]
            affected = [{"package": package, "ranges": [], "versions": [asked["version"]]}]
            found = [KNOWN | {"affected": affected}] if package["name"] == bad else []
            text = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def audited(repository, port):
    url = f"http://127.0.0.1:{port}/v1/query"
    command = [sys.executable, "ci/audit.py", "--vulnerability-service", "osv", "--osv-url", url]
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=300)
    return ran.returncode, ran.stdout.splitlines()


def test_a_known_vulnerability_fails_and_is_named(repository):
    with service("flask") as port:
        status, lines = audited(repository, port)

    assert status == 1
    assert lines[0].startswith("flask ")
    assert "PYSEC-2026-1" in lines[0]
    assert lines[-1].endswith(" packages audited, 1 with a known vulnerability.")


def test_packages_without_one_pass(repository):
    with service("nothing") as port:
        status, lines = audited(repository, port)

    assert status == 0
    assert int(lines[-1].split()[0]) > 60


def test_what_can_not_be_done_at_all_fails(repository):
    command = [sys.executable, "ci/audit.py", "--no-such-option"]

    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert "no-such-option" in ran.stderr


def test_a_service_that_can_not_be_asked_is_one_line_and_no_failure(repository):
    status, lines = audited(repository, free_port())

    assert (status, len(lines)) == (0, 1)
    assert "nothing was audited" in lines[0]
