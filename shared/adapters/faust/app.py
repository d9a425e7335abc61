"""Faust's app, set so that its faults do not matter to us."""

import json
import logging
from pathlib import Path
from typing import Any

import faust
from faust.auth import SASLCredentials, SSLCredentials

from shared.adapters.kafka.link import Link
from shared.adapters.kafka.topics import LARGEST

SESSION = 10.0
"""Seconds after which a worker that says nothing has lost its groups to the others."""


def app_of(name: str, link: Link, folder: Path) -> faust.App:
    """It neither makes topics nor serves anything; its tables live in memory and in Kafka."""
    for noisy in ("faust", "mode", "aiokafka"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return faust.App(
        name,
        broker=";".join(f"kafka://{server.strip()}" for server in link.servers.split(",")),
        broker_credentials=_credentials(link.asyncio()),
        broker_session_timeout=SESSION,
        broker_heartbeat_interval=SESSION / 10,
        consumer_auto_offset_reset="earliest",
        processing_guarantee="at_least_once",
        key_serializer="raw",
        value_serializer="raw",
        producer_max_request_size=LARGEST,
        producer_linger=0.005,
        consumer_max_fetch_size=LARGEST,
        store="memory://",
        datadir=str(folder),
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
    )


def _credentials(given: dict[str, Any]) -> SASLCredentials | SSLCredentials | None:
    tls, user = given["ssl_context"], given["sasl_plain_username"]
    if user is not None:
        return SASLCredentials(
            username=user,
            password=given["sasl_plain_password"],
            mechanism=given["sasl_mechanism"],
            ssl_context=tls,
        )
    return SSLCredentials(tls) if tls else None


def written(value: object) -> bytes:
    """What lies in our own topics; only this stream reads it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def read(raw: bytes) -> Any:
    return json.loads(raw)
