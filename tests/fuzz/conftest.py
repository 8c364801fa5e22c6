import pytest


def pytest_configure(config: pytest.Config) -> None:
    # It takes seconds to load, which nobody else has to wait for.
    config.pluginmanager.import_plugin("schemathesis", consider_entry_points=True)
