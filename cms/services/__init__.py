"""Use cases: load, check, change, record."""
