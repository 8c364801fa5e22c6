"""What a process says of itself, on its standard error: what goes wrong, and each request if asked.

Neither tells what people sent: no bodies, no query strings, no addresses of theirs.
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson

from cms.config import Config

# Of the package, of Flask's application, and of whatever in it logs.
LOGGER = "cms"


class Json(logging.Formatter):
    """One line of JSON for each event. Of an exception its kind and place: its words may be
    somebody's."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"time": moment(record.created), "level": record.levelname.lower()}
        line |= {"logger": record.name, "event": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line |= {"error": type(error).__name__, "stack": stack(error)}
        return orjson.dumps(line).decode()


class Plain(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")


class Handler(logging.StreamHandler):
    """Writes to what is standard error at that moment."""

    def __init__(self, formatter: logging.Formatter) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(formatter)

    @property
    def stream(self) -> Any:
        return sys.stderr


def configure(config: Config) -> None:
    """Have this process's events written as the settings say."""
    formatter = Json() if config.log == "json" else Plain()
    logging.getLogger(LOGGER).handlers = [Handler(formatter)]


def write(line: bytes) -> None:
    """A line of its own, in one call, so that lines of several processes do not mix."""
    # A log that can not be written is no reason not to answer.
    with suppress(OSError):
        os.write(2, line)


def moment(seconds: float) -> str:
    """Seconds since 1970 as RFC 3339, to the millisecond."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def stack(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
