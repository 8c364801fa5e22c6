"""Certificates for servers of the tests, by an authority that only they know."""

import shutil
import ssl
import subprocess

import pytest

SUBJECT = "/CN=a server of tests"


class Certificates:
    """An authority that only these tests know, and a server's certificate by it."""

    def __init__(self, folder):
        self.folder = folder
        if shutil.which("openssl") is None:
            pytest.skip("This machine has no `openssl` to make certificates with.")
        made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", SUBJECT]
        self._openssl(*made, "-keyout", "ca.key", "-out", "ca.pem")
        self.here = self._signed("here", "IP:127.0.0.1,DNS:localhost")
        self.elsewhere = self._signed("elsewhere", "DNS:mail.example.org")

    @property
    def authority(self):
        return str(self.folder / "ca.pem")

    def _signed(self, name, names):
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={names}")
        asked = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", SUBJECT]
        self._openssl(*asked, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        signing = ["x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key"]
        signing += ["-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext"]
        self._openssl(*signing, "-out", f"{name}.pem")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context

    def _openssl(self, *words):
        command = ["openssl", *words]
        subprocess.run(command, cwd=self.folder, capture_output=True, check=True)
