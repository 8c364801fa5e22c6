"""Several new sites beside each other, each in a database of its own."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from benchmarks import servers
from cms.config import Config
from tests.databases import PostgresqlServer


class Sites:
    """Makes them where it is told, on a PostgreSQL server where there is one."""

    def __init__(self, folder: Path, server: PostgresqlServer | None) -> None:
        self.folder, self.server = folder, server

    def config(self, name: str) -> Config:
        (self.folder / name).mkdir()
        url = self._new(name) if self.server else ""
        secret = secrets.token_hex()
        return Config(data_dir=self.folder / name, database_url=url, secret=secret)

    def _new(self, name: str) -> str:
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.server.url.rpartition("/")[0] + f"/{name}"

    def cpu_seconds(self, running: Mapping[str, servers.Running]) -> float:
        """What these servers have used so far, and PostgreSQL for them."""
        used = sum(one.cpu_seconds() for one in running.values())
        if self.server is None:
            return used
        return used + servers.Running(0, psutil.Process(self.server.process.pid)).cpu_seconds()


@contextmanager
def several_sites(kind: str) -> Iterator[Sites]:
    """Sites that all go away at the end."""
    server = PostgresqlServer() if kind == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="cms-bench-") as folder:
        try:
            yield Sites(Path(folder), server)
        finally:
            if server:
                server.stop()
