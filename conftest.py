"""Properties are about what holds, not about how long it takes; CI draws the same examples."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.reliability.tally", "tests.cases.journal"]

settings.register_profile(
    "qudao",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("qudao")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of those on servers, files that may take longest begin first, and not alone at the end."""
    longest: dict[object, float] = {}
    for item in items:
        marker = item.get_closest_marker("timeout")
        if item.get_closest_marker("servers") and marker:
            longest[item.path] = max(longest.get(item.path, 0), *marker.args)
    items.sort(key=lambda item: -longest.get(item.path, 0))
