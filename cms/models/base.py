"""What every table shares: named constraints, ids, times, enumerations, a version."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import uuid_utils
from sqlalchemy import Dialect, Enum, MetaData, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cms.errors import StaleVersion
from cms.times import format_time, utc_now, whole_milliseconds

# Named constraints let a migration drop them later, and let a broken one become a reason.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time in whole milliseconds; on SQLite text of a fixed width, so it sorts."""

    impl = String(24)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True, precision=3))
        return dialect.type_descriptor(String(24))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return value if dialect.name == "postgresql" else format_time(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return whole_milliseconds(
            datetime.fromisoformat(value) if isinstance(value, str) else value
        )


def byte_ordered(length: int) -> String:
    """Text that both databases compare byte by byte, whatever the server's language."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


ID = byte_ordered(36)
Slug = Annotated[str, mapped_column(byte_ordered(200))]
FoldedTitle = Annotated[str, mapped_column(byte_ordered(600))]
LongText = Annotated[str, mapped_column(Text)]


def new_id() -> str:
    """A UUIDv7: unique without asking anyone, and ordered by the time it was made."""
    return str(uuid_utils.uuid7())


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        datetime: UtcDateTime(),
        # Stored as "published", not "PUBLISHED"; text is easier to migrate than a native enum.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=32,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


class Identified:
    """A row that the API names by an id."""

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)


class Versioned(Identified):
    """A row that people edit: when it was made and changed, and how many times."""

    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)

    def expect(self, version: int | None) -> None:
        """Refuse a change that was based on another version. `None` accepts any.

        Raises StaleVersion.
        """
        if version is not None and version != self.version:
            raise StaleVersion(self.version)

    def changed(self, now: datetime) -> None:
        self.version += 1
        self.updated_at = now
