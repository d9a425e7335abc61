"""Servers for a whole test session; a conftest imports what it needs."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from shared.testing.servers import kafka


@pytest.fixture(scope="session")
def kafka_broker(record_testsuite_property: Callable[[str, object], None]) -> kafka.Broker:
    """One broker per process of the test run, whatever folder asks; use topics of your own."""
    broker = _broker()
    record_testsuite_property("kafka", broker.against)
    return broker


@cache
def _broker() -> kafka.Broker:
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(tempfile.mkdtemp(prefix="qudao-kafka-"))
    stack.callback(shutil.rmtree, folder)
    return stack.enter_context(kafka.broker(folder))
