"""Public reads by plain statements of the driver."""

import pytest
from sqlalchemy import text

from cms import reading
from cms.errors import Unavailable

ENDLESS = text(
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
)


@pytest.mark.only_on("sqlite")
def test_a_read_that_takes_too_long_ends(app, monkeypatch):
    monkeypatch.setattr(reading, "READ_SECONDS", 0.05)
    monkeypatch.setattr(reading, "ASKED_EVERY", 1000)
    with app.app_context():
        asked = reading.Reader(app.config["SQLALCHEMY_DATABASE_URI"])
        with pytest.raises(Unavailable):
            asked.rows(ENDLESS, {})
        # And who reads after it is answered.
        assert asked.rows(text("SELECT 1"), {}) == [(1,)]
        asked.close()
