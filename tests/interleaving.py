"""Two requests of which one comes exactly between what the other read and what it writes."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from flask import Flask
from sqlalchemy import event

from cms.extensions import db
from cms.reading import reader

# How long the first one stands still, in seconds, where the other has to wait for it.
STANDS_STILL = 0.5
Request = Callable[[], Any]


def interleaved(app: Flask, first: Request, other: Request) -> tuple[Any, Any]:
    """Send `first`, and `other` when that is about to write for the first time; both answers."""
    here, begun = threading.get_ident(), []

    def run() -> Any:
        try:
            return other()
        finally:
            with app.app_context():
                reader().close()

    def begin(*_: Any) -> None:
        if threading.get_ident() == here and not begun:
            begun.append(pool.submit(run))
            _have_a_while(begun[0])

    with ThreadPoolExecutor(1) as pool:
        event.listen(db.session, "before_flush", begin)
        try:
            answer = first()
        finally:
            event.remove(db.session, "before_flush", begin)
        (late,) = begun
        return answer, late.result()


def _have_a_while(future: Future[Any]) -> None:
    with suppress(TimeoutError):
        future.result(STANDS_STILL)
