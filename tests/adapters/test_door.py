"""The door to where others say: only public addresses, the one that was checked, no redirects."""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import pytest

from shared.adapters.outside import Door
from shared.adapters.outside.addresses import public, public_or_loopback
from shared.adapters.outside.door import Closed
from shared.kernel.errors import Malformed, Refused
from tests.adapters.authority import Authority
from tests.adapters.places import HttpPlace, http_place

pytestmark = pytest.mark.timeout(120)

INWARD = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",  # shared address space of carriers; also a cloud's metadata
    "100.100.100.200",  # a cloud's metadata
    "127.0.0.1",
    "127.255.255.254",
    "169.254.0.1",
    "169.254.169.254",  # clouds' metadata
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:a00:1::",
    "fc00::1",
    "fd00:ec2::254",  # a cloud's metadata
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
OUTWARD = ["1.1.1.1", "8.8.8.8", "110.242.68.66", "2606:4700:4700::1111", "2400:3200::1"]
SPELLINGS = [  # of 127.0.0.1, as one system's resolver or another reads them
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
]


@dataclass(slots=True)
class Names:
    """A resolver that answers as it is told, one answer after the other; the last one stays."""

    answers: list[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize("address", INWARD)
def test_what_leads_inward_is_not_public(address: str) -> None:
    assert not public(ip_address(address))


@pytest.mark.parametrize("address", OUTWARD)
def test_what_leads_outward_is(address: str) -> None:
    assert public(ip_address(address))


@pytest.mark.parametrize("spelt", SPELLINGS)
async def test_every_spelling_of_loopback_is_refused_when_saved_and_when_sent(spelt: str) -> None:
    async with http_place() as place:
        url = f"https://{spelt}:{place.port}/hook"
        with pytest.raises(Refused):
            await Door().vet(url.replace(f":{place.port}", ""))
        with pytest.raises(Closed):
            await Door(plain=True).post(url.replace("https", "http"), {}, b"{}")
        assert place.connections == 0


@pytest.mark.parametrize("inward", INWARD)
async def test_one_address_that_leads_inward_is_enough_to_refuse(inward: str) -> None:
    door = Door(resolve=Names([["8.8.8.8", inward]]))
    with pytest.raises(Refused) as refusal:
        await door.vet("https://hooks.example/x")
    assert refusal.value.slug == "endpoint-address-forbidden"
    with pytest.raises(Closed) as closed:
        await door.post("https://hooks.example/x", {}, b"{}")
    assert closed.value.reason == "address-forbidden"


async def test_a_name_that_changes_its_mind_is_checked_again_when_sent() -> None:
    """DNS rebinding: public when it was saved, loopback when something is sent."""
    async with http_place() as place:
        names = Names([["8.8.8.8"], ["127.0.0.1"]])
        door = Door(resolve=names, plain=True)
        await door.vet(f"http://hooks.example:{place.port}/x")
        with pytest.raises(Closed):
            await door.post(f"http://hooks.example:{place.port}/x", {}, b"{}")
        assert (place.connections, len(names.asked)) == (0, 2)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """The name is asked for once: what it would say next is of no account."""
    async with http_place() as place:
        names = Names([["127.0.0.1"], ["203.0.113.1"]])
        door = Door(allowed=public_or_loopback, resolve=names, plain=True, seconds=5)
        answer = await door.post(f"http://hooks.example:{place.port}/x", {}, b"{}")
        assert (answer.status, names.asked) == (200, ["hooks.example"])
        assert place.requests[0].headers["host"] == f"hooks.example:{place.port}"


async def test_the_certificate_is_the_names_although_the_address_is_pinned(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    pair = authority.pair("hooks", "hooks.example")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pair.certificate, pair.key)
    trusting = ssl.create_default_context(cafile=str(authority.ca))
    async with http_place(tls=serving) as place:
        door = Door(
            allowed=public_or_loopback,
            resolve=Names([["127.0.0.1"]]),
            plain=True,  # the port
            tls=trusting,
            seconds=5,
        )
        assert (await door.post(f"https://hooks.example:{place.port}/", {}, b"{}")).status == 200
        with pytest.raises(Closed) as closed:
            await door.post(f"https://other.example:{place.port}/", {}, b"{}")
        assert closed.value.reason == "connection-failed"


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with http_place() as target:
        moved = HttpPlace(answer=(302, b""), location=f"{target.base}/inside")
        async with http_place(moved) as place:
            door = Door(allowed=public_or_loopback, plain=True)
            assert (await door.post(f"{place.base}/x", {}, b"{}")).status == 302
        assert target.connections == 0


@pytest.mark.parametrize("keep", [0, 4_096])
async def test_of_an_answer_without_end_no_more_is_read_than_asked_for(keep: int) -> None:
    async with http_place(HttpPlace(mood="floods")) as place:
        door = Door(allowed=public_or_loopback, plain=True, seconds=30)
        answer = await door.post(f"{place.base}/x", {}, b"{}", keep=keep)
        assert (answer.status, len(answer.body)) == (200, keep)


async def test_whoever_never_answers_is_given_up() -> None:
    async with http_place(HttpPlace(mood="hangs")) as place:
        door = Door(allowed=public_or_loopback, plain=True, seconds=0.2)
        with pytest.raises(Closed) as closed:
            await door.post(f"{place.base}/x", {}, b"{}")
        assert closed.value.reason == "timed-out"


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("http://hooks.example/x", "endpoint-address-insecure"),
        ("ftp://hooks.example/x", "endpoint-address-malformed"),
        ("file:///etc/passwd", "endpoint-address-malformed"),
        ("https://", "endpoint-address-malformed"),
        ("https://hooks.example:0/x", "endpoint-address-malformed"),
        ("https://hooks.example:99999/x", "endpoint-address-malformed"),
        ("https://hooks.example:22/x", "endpoint-address-malformed"),
        ("https://hooks.example:6379/x", "endpoint-address-malformed"),
        ("https://user@hooks.example/x", "endpoint-address-malformed"),
        ("https://user:secret@hooks.example/x", "endpoint-address-malformed"),
        ("https://hooks.example/x#here", "endpoint-address-malformed"),
        ("https://[::1/x", "endpoint-address-malformed"),
    ],
)
async def test_a_url_is_https_to_a_host_and_nothing_else(url: str, slug: str) -> None:
    with pytest.raises(Malformed) as refusal:
        await Door(resolve=Names([["8.8.8.8"]])).vet(url)
    assert refusal.value.slug == slug


async def test_an_unknown_name_is_refused_when_saved_and_told_when_sent() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(Refused) as refusal:
        await Door(resolve=unknown).vet("https://nowhere.example/x")
    assert refusal.value.slug == "endpoint-address-forbidden"
    with pytest.raises(Closed) as closed:
        await Door(resolve=unknown).post("https://nowhere.example/x", {}, b"{}")
    assert closed.value.reason == "name-unknown"


async def test_http_is_refused_when_sent_too() -> None:
    async with http_place() as place:
        with pytest.raises(Closed):
            await Door(allowed=public_or_loopback).post(f"{place.base}/x", {}, b"{}")
        assert place.connections == 0


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_place() as proxy, http_place() as place:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.base)
        door = Door(allowed=public_or_loopback, plain=True)
        assert (await door.post(f"{place.base}/x", {}, b"{}")).status == 200
        assert proxy.connections == 0
