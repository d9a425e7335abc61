"""Properties are about what holds, not about how long it takes; CI draws the same examples."""

import gc
import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.reliability.tally", "tests.cases.journal"]

settings.register_profile(
    "qudao",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("qudao")

# As the product has it (shared/runtime/hosting.py): a test's heap is large, and its garbage young.
gc.set_threshold(20_000, 10, 50)
