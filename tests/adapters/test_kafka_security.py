"""TLS, client certificates and users, on a real Kafka that asks for all of them."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from shared.adapters.kafka import Group, KafkaBus, Link, Membership, Topic, apply, check, lead
from shared.adapters.kafka.link import Mechanism
from shared.kernel.errors import PortFailed, Unreachable
from shared.testing.contracts.bus import things
from shared.testing.servers import kafka
from tests.adapters.authority import Authority
from tests.adapters.kafka_bed import everything

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(180)]
MODULE = "org.apache.kafka.common.security"
SCRAM = {
    "SCRAM-SHA-256": ScramMechanism.SCRAM_SHA_256,
    "SCRAM-SHA-512": ScramMechanism.SCRAM_SHA_512,
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def link(
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Callable[[str, object], None],
) -> Iterator[Link]:
    """Somebody whom the broker knows by certificate, name and password."""
    broker, client = authority.pair("broker"), authority.pair("client")
    clients = "listener.name.clients"
    extra = {
        f"{clients}.ssl.keystore.type": "PEM",
        f"{clients}.ssl.keystore.location": str(broker.both),
        f"{clients}.ssl.truststore.type": "PEM",
        f"{clients}.ssl.truststore.location": str(authority.ca),
        f"{clients}.ssl.client.auth": "required",
        f"{clients}.sasl.enabled.mechanisms": ",".join(["PLAIN", *SCRAM]),
        f"{clients}.plain.sasl.jaas.config": (
            f'{MODULE}.plain.PlainLoginModule required user_qudao="pass w=rd";'
        ),
        **{
            f"{clients}.{name.lower()}.sasl.jaas.config": (
                f"{MODULE}.scram.ScramLoginModule required;"
            )
            for name in SCRAM
        },
    }
    folder = tmp_path_factory.mktemp("kafka")
    with kafka.broker(folder, own=True, protocol="SASL_SSL", extra=extra) as server:
        record_testsuite_property("kafka", f"{server.against}, SASL_SSL")
        link = Link(
            servers=server.servers,
            security="SASL_SSL",
            user="qudao",
            password="pass w=rd",
            ca=authority.ca,
            certificate=client.certificate,
            key=client.key,
        )
        _known(link)
        yield link


def _known(link: Link) -> None:
    """The user has a password for each mechanism."""
    admin = AdminClient({**link.librdkafka()})
    for mechanism in SCRAM.values():
        known = ScramCredentialInfo(mechanism, 4096)
        asked = UserScramCredentialUpsertion("qudao", known, b"secret")
        for answer in admin.alter_user_scram_credentials([asked]).values():
            answer.result(30)


@pytest.mark.parametrize(
    ("mechanism", "password"), [("PLAIN", "pass w=rd"), *((m, "secret") for m in SCRAM)]
)
async def test_everything_works_for_a_known_user(
    link: Link, mechanism: str, password: str
) -> None:
    link = replace(link, mechanism=cast(Mechanism, mechanism), password=password)
    prefix = f"{mechanism}."
    topics = [Topic("ThingDone", 6), lead("things")]
    assert len(await apply(link, topics, prefix=prefix)) == 2
    await check(link, topics, prefix=prefix)
    bus = KafkaBus(link, prefix=prefix)
    await bus.publish(things(30))
    assert len(await everything(bus, "ThingDone")) == 30
    group = Group(name=prefix, topics=["ThingDone"], lead="qudao.lead.things", prefix=prefix)
    member = Membership(link, group, asyncio.Lock())
    await member.start()
    assert member.leads
    await member.report({"ThingDone/0": 1})
    await member.stop()
    await bus.close()


@pytest.mark.parametrize("field", ["password", "user", "mechanism", "ca", "certificate"])
async def test_nobody_else_gets_in_and_one_line_says_why(
    link: Link, field: str, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "Somebody else")
    other = stranger.pair("stranger")
    wrong = {
        "password": replace(link, password="wrong"),
        "user": replace(link, user="nobody"),
        "mechanism": replace(link, mechanism="SCRAM-SHA-256", password="wrong"),
        "ca": replace(link, ca=stranger.ca),
        "certificate": replace(link, certificate=other.certificate, key=other.key),
    }[field]
    with pytest.raises(PortFailed, match=link.servers) as raised:
        await check(wrong, [Topic("ThingDone", 6)])
    assert "\n" not in str(raised.value)
    assert "wrong" not in str(raised.value)
    bus = KafkaBus(wrong)
    for ask in (bus.publish(things(1)), bus.fetch(["ThingDone"], after={}, limit=1)):
        with pytest.raises(PortFailed):
            await ask
    await bus.close()


async def test_who_speaks_without_tls_is_not_kept_waiting(link: Link) -> None:
    with pytest.raises(Unreachable):
        await check(Link(servers=link.servers), [])


def test_a_password_is_shown_nowhere(link: Link) -> None:
    assert "pass w=rd" not in repr(link)


def test_settings_that_make_no_sense_are_said_in_one_line(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nothing")
    with pytest.raises(PortFailed, match="user and a password"):
        Link(servers="a:1", security="SASL_SSL", user="qudao")
    with pytest.raises(PortFailed, match="go together"):
        Link(servers="a:1", security="SSL", certificate=nonsense)
    for missing in (Path("nowhere.pem"), nonsense):
        with pytest.raises(PortFailed, match="certificates cannot be used"):
            Link(servers="a:1", security="SSL", ca=missing).asyncio()
