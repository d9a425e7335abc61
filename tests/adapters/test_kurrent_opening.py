"""Settings of the KurrentDB adapter: what works, and what stops a process with one line."""

from pathlib import Path

import pytest

from shared.adapters.kurrent import KurrentStore
from shared.kernel.errors import PortFailed, Unreachable
from shared.testing.contracts.store import run
from shared.testing.servers.kurrent.double import Double, Tls
from shared.testing.servers.kurrent.service import Access
from shared.testing.servers.ports import Port
from tests.adapters.authority import Authority
from tests.adapters.kurrent import doubled

PASSWORD = "p@ss:w/rd?%41 渠"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def tls(authority: Authority) -> Tls:
    pair = authority.pair("server")
    return Tls(pair.key.read_bytes(), pair.certificate.read_bytes())


@pytest.fixture
def ca(authority: Authority) -> Path:
    return authority.ca


async def test_speaks_tls_and_shows_user_and_password(tls: Tls, ca: Path) -> None:
    async with doubled(Double(tls=tls, access=Access({"qudao": PASSWORD}))) as double:
        store = await KurrentStore.open(
            double.uri, "orders", user="qudao", password=PASSWORD, ca=ca
        )
        await store.append("orders.a-1", run("orders.a-1", 0, 2), expected=0)
        assert await store.read("orders.a-1") == run("orders.a-1", 0, 2)
        assert len(await store.follow(after=0, limit=9)) == 2
        await store.close()


@pytest.mark.parametrize("password", ["wrong", ""])
async def test_a_wrong_password_stops_at_once(tls: Tls, ca: Path, password: str) -> None:
    async with doubled(Double(tls=tls, access=Access({"qudao": PASSWORD}))) as double:
        with pytest.raises(PortFailed, match=r"Unauthenticated|AccessDenied") as failure:
            await KurrentStore.open(double.uri, "orders", user="qudao", password=password, ca=ca)
    assert not isinstance(failure.value, Unreachable)


async def test_a_user_who_may_not_read_the_whole_log_stops_at_once(tls: Tls, ca: Path) -> None:
    access = Access({"qudao": PASSWORD}, no_all={"qudao"})
    async with doubled(Double(tls=tls, access=access)) as double:
        with pytest.raises(PortFailed, match="AccessDenied"):
            await KurrentStore.open(double.uri, "orders", user="qudao", password=PASSWORD, ca=ca)


@pytest.mark.slow
async def test_a_server_with_another_certificate_is_not_trusted(tls: Tls) -> None:
    async with doubled(Double(tls=tls)) as double:
        with pytest.raises(PortFailed, match="KurrentDB at 127") as failure:
            await KurrentStore.open(double.uri, "orders", user="qudao", password=PASSWORD)
    assert PASSWORD not in str(failure.value)


async def test_finds_the_leader_of_a_cluster() -> None:
    async with doubled(Double()) as double:
        uri = double.uri.replace("kurrentdb://", "kurrentdb+discover://")
        store = await KurrentStore.open(uri, "orders")
        await store.append("orders.a-1", run("orders.a-1", 0, 2), expected=0)
        assert await store.read("orders.a-1") == run("orders.a-1", 0, 2)
        await store.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["kurrentdb", "kurrentdb+discover", "esdb"])
async def test_nobody_there_is_unreachable_in_one_line(scheme: str) -> None:
    port = Port()
    where = f"127.0.0.1:{port.number}"
    with pytest.raises(Unreachable, match=f"KurrentDB at {where}: ") as failure:
        await KurrentStore.open(f"{scheme}://{where}?tls=false", "orders")
    assert "\n" not in str(failure.value)
    port.release()


@pytest.mark.parametrize(
    ("uri", "user", "told"),
    [
        ("127.0.0.1:2113", "", "Invalid URI scheme"),
        ("http://127.0.0.1:2113", "", "Invalid URI scheme"),
        ("kurrentdb://", "", "No targets specified"),
        ("kurrentdb://127.0.0.1:2113", "", "Username and password are required"),
        ("kurrentdb://u:secret@127.0.0.1:2113?tls=maybe", "", "not one of: true, false"),
        ("kurrentdb://u:secret@127.0.0.1:2113?speed=high", "", "Unknown field"),
        ("kurrentdb://u:secret@?tls=false", "", "No targets specified"),
        ("kurrentdb://127.0.0.1:2113?tls=false", "qudao", "tls=false"),
        ("kurrentdb://127.0.0.1:2113?tls=false&nodePreference=follower", "", "nodePreference"),
    ],
)
async def test_settings_that_cannot_work_are_told_in_one_line_without_secrets(
    uri: str, user: str, told: str
) -> None:
    with pytest.raises(PortFailed, match=told) as failure:
        await KurrentStore.open(uri, "orders", user=user, password="secret" if user else "")
    assert not isinstance(failure.value, Unreachable)
    assert "secret" not in str(failure.value)
    assert "\n" not in str(failure.value)


async def test_a_certificate_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PortFailed, match=r"ca\.pem"):
        await KurrentStore.open("kurrentdb://u:p@127.0.0.1:2113", "orders", ca=tmp_path / "ca.pem")
