"""Servers on loopback that webhooks are sent to, some of them as bad as the net has them."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Keeps what arrived: `(headers, body)` of each request. Answers what `answers` says."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.arrived: list[tuple[dict[str, str], bytes]] = []
        self.answers: Callable[[int], tuple[int, dict[str, str]]] = lambda _number: (200, {})
        # While it is cleared, whoever comes is held, and then sent away unheard; under which ids.
        self.looks = threading.Event()
        self.looks.set()
        self.held: list[str] = []
        self._changed = threading.Condition()
        self.server = ThreadingHTTPServer((host, 0), self._handler())
        self.url = f"http://{host}:{self.server.server_port}/hook?site=1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def wait_for(self, number: int, seconds: float = 30) -> None:
        """Until as many requests have come. Raises AssertionError."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.arrived) >= number, seconds)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if not receiver.looks.is_set():
                    receiver.held.append(self.headers["webhook-id"])
                    receiver.looks.wait()
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._changed:
                    receiver.arrived.append(
                        ({name.lower(): value for name, value in self.headers.items()}, body)
                    )
                    status, headers = receiver.answers(len(receiver.arrived))
                    receiver._changed.notify_all()
                text = b"Thank you."
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def receiving(host: str = "127.0.0.1") -> Iterator[Receiver]:
    receiver = Receiver(host)
    try:
        yield receiver
    finally:
        receiver.close()


@contextmanager
def speaking(speak: Callable[[socket.socket], Any], host: str = "127.0.0.1") -> Iterator[str]:
    """A server that does with each connection what `speak` says: its address."""
    with socket.create_server((host, 0)) as server:
        ended = threading.Event()

        def accept() -> None:
            with suppress(OSError):
                while not ended.is_set():
                    one, _ = server.accept()
                    threading.Thread(target=talk, args=(one,), daemon=True).start()

        def talk(one: socket.socket) -> None:
            with one, suppress(OSError):
                speak(one)

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://{host}:{server.getsockname()[1]}/"
        ended.set()
        # `accept` does not notice that the socket is closed.
        with suppress(OSError):
            socket.create_connection(server.getsockname(), 1).close()


def silent(one: socket.socket) -> None:
    """Hears everything, and says nothing."""
    while one.recv(10_000):
        pass


def resetting(one: socket.socket) -> None:
    """Ends the connection as no orderly server does."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def not_accepting() -> Iterator[str]:
    """A server whose queue is full: who connects hears nothing."""
    with ExitStack() as held:
        server = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        with suppress(TimeoutError):
            while True:
                held.enter_context(socket.create_connection(server.getsockname(), 0.2))
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
