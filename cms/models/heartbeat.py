"""That workers are alive, and what they did last."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base


class WorkerRun(Base):
    """When a step was last done by any worker, and when it last failed."""

    __tablename__ = "worker_runs"

    step: Mapped[str] = mapped_column(String(64), primary_key=True)
    ran_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
