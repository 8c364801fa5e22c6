"""Two requests of which one comes exactly between what the other read and what it writes."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from cms.extensions import db
from cms.reading import reader
from cms.services import keeping

# How long the first one stands still, in seconds, where the other has to wait for it.
STANDS_STILL = 0.5
Request = Callable[[], Any]


def interleaved(app: Flask, first: Request, other: Request) -> tuple[Any, Any]:
    """Send `first`, and `other` when that is about to write for the first time; both answers."""
    written = keeping.write

    def write(one: Any) -> None:
        begin()
        written(one)

    with _once(app, other) as begin, pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "write", write)
        event.listen(db.session, "before_flush", begin)
        try:
            answer = first()
        finally:
            event.remove(db.session, "before_flush", begin)
        return answer, begin.result()


def before_call(
    app: Flask, function: tuple[Any, str], first: Request, other: Request
) -> tuple[Any, Any]:
    """Send `first`, and `other` when that is about to call `(module, name)`; both answers."""
    called = getattr(*function)
    with _once(app, other) as begin, pytest.MonkeyPatch.context() as patch:

        def and_then(*args: Any, **kwargs: Any) -> Any:
            begin()
            return called(*args, **kwargs)

        patch.setattr(*function, and_then)
        return first(), begin.result()


class _Once:
    """Begins a request of another thread the first time that it is called in this one."""

    def __init__(self, pool: ThreadPoolExecutor, run: Request) -> None:
        self._pool, self._run, self._here = pool, run, threading.get_ident()
        self._begun: Future[Any] | None = None

    def __call__(self, *_: Any) -> None:
        if threading.get_ident() == self._here and self._begun is None:
            self._begun = self._pool.submit(self._run)
            _have_a_while(self._begun)

    def result(self) -> Any:
        assert self._begun is not None, "The first request did not come so far."
        return self._begun.result()


@contextmanager
def _once(app: Flask, other: Request) -> Iterator[_Once]:
    def run() -> Any:
        try:
            return other()
        finally:
            with app.app_context():
                reader().close()

    with ThreadPoolExecutor(1) as pool:
        yield _Once(pool, run)


def _have_a_while(future: Future[Any]) -> None:
    with suppress(TimeoutError):
        future.result(STANDS_STILL)
