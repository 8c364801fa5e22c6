"""One notion of time: UTC, aware, whole milliseconds, written as RFC 3339 with a fixed width."""

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

# An end that never comes. A real value keeps "visible now" one comparison, on both databases.
FOREVER = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1970, 2999


def utc_now() -> datetime:
    """The machine's clock, in whole milliseconds."""
    return whole_milliseconds(datetime.now(UTC))


def now_text() -> str:
    """The machine's clock as `format_time` writes it, at a fraction of the cost."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{_second_text(seconds)}.{rest // 1_000_000:03}Z"


@lru_cache(maxsize=2)
def _second_text(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def whole_milliseconds(moment: datetime) -> datetime:
    """The same moment in UTC, cut (never rounded up) to milliseconds."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def format_time(moment: datetime) -> str:
    """`2026-11-22T10:00:00.000Z`. The fixed width makes text sort as time does."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 timestamp with an offset, in the years 1970 to 2999.

    Raises ValueError for anything else: no offset, week dates, basic format, second 60, 24:00.
    """
    match = RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError("Write a time as RFC 3339 with an offset, like 2026-11-22T10:00:00Z.")
    *fields, fraction, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError("The offset is out of range.")
    year, *_ = (int(field) for field in fields)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"The year must be between {FIRST_YEAR} and {LAST_YEAR}.")
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    local = datetime(*(int(field) for field in fields), micro, tzinfo=UTC)
    return _in_range(whole_milliseconds(local - offset if sign != "-" else local + offset))


def parse_day(text: str) -> date:
    """Read a plain date, `2026-11-22`, in the years 1970 to 2999. Raises ValueError."""
    if DAY.fullmatch(text) is None:
        raise ValueError("Write a date like 2026-11-22.")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("There is no such day.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"The year must be between {FIRST_YEAR} and {LAST_YEAR}.")
    return day


def _in_range(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"The year must be between {FIRST_YEAR} and {LAST_YEAR}.")
    return moment


def milliseconds_of(moment: datetime) -> int:
    """Since 1970."""
    return round((moment - EPOCH) / MILLISECOND)


def at_millisecond(since_1970: int) -> str:
    """A number of milliseconds since 1970, as `format_time` writes it."""
    return format_time(EPOCH + since_1970 * MILLISECOND)
