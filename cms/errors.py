"""What can go wrong, in the words of the domain. `cms.api.problems` turns these into problems."""

from collections.abc import Mapping, Sequence
from typing import Any


class CmsError(Exception):
    """A refusal that a client can understand.

    `reason` is stable and machine-readable; the message may change. `errors` names the
    faulty fields as `{"pointer": "/title", "detail": "…"}`; `extra` joins the problem's members.
    """

    status = 500

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        errors: Sequence[Mapping[str, str]] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.errors = list(errors)
        self.extra = dict(extra or {})


class Malformed(CmsError):
    status = 400


class Unauthenticated(CmsError):
    """`scheme` is what `Authorization` has to begin with."""

    status = 401
    scheme = "Bearer"


class Unproven(Unauthenticated):
    """Not by the receipt of this comment."""

    scheme = "Receipt"


class Forbidden(CmsError):
    status = 403


class NotFound(CmsError):
    status = 404


class Conflict(CmsError):
    status = 409


class Gone(CmsError):
    """It was there, and will not come back."""

    status = 410


class TooLarge(CmsError):
    status = 413


class Unsupported(CmsError):
    """A body, or a file in it, of a kind that is not taken."""

    status = 415


class StaleVersion(CmsError):
    """Somebody saved since the caller loaded the object.

    `changes` says which fields differ: `{"field", "changed_at", "changed_by"}` of each. None where
    the object keeps no history.
    """

    status = 412

    def __init__(self, present: int, changes: Sequence[Mapping[str, Any]] | None = None) -> None:
        extra: dict[str, Any] = {"version": present}
        if changes is not None:
            extra["changed_fields"] = [change["field"] for change in changes]
            extra["changes"] = list(changes)
        super().__init__(
            "This was changed meanwhile. Load it again.", reason="stale_version", extra=extra
        )


class Invalid(CmsError):
    """A field whose shape is right and whose value can not be."""

    status = 422

    def __init__(self, pointer: str, detail: str, *, reason: str = "validation_failed") -> None:
        super().__init__(detail, reason=reason, errors=[{"pointer": pointer, "detail": detail}])


class VersionRequired(CmsError):
    status = 428


class TooMany(CmsError):
    """Too many attempts; `retry_after` is in whole seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, reason="too_many_requests")
        self.retry_after = retry_after


class Unavailable(CmsError):
    """The database is away. Nothing was changed, unless it was lost while a change was committed:
    then nobody here knows.
    """

    status = 503
    retry_after = 5

    def __init__(self, message: str = "The database can not be reached at the moment.") -> None:
        super().__init__(message, reason="database_unavailable")


class StorageUnavailable(CmsError):
    """The files can not be read or written: no room, no rights. Nothing was changed."""

    status = 503
    retry_after = 30

    def __init__(self) -> None:
        detail = "The files can not be reached at the moment, or there is no room for more."
        super().__init__(detail, reason="storage_unavailable")


class TooBusy(CmsError):
    """All that may work on such requests do. Nothing was changed; try again."""

    status = 503
    retry_after = 2

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="too_busy")


class Moved(Exception):
    """The object lives under another slug now."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"{old} is now {new}")
        self.old, self.new = old, new
