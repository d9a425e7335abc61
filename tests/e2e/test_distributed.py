"""The whole on real servers, every context in processes of its own, through the gateway.

One installation for all tests here, in their order: each goes on with the business of the one
before, as time does.
"""

import json
import re
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
from httpx2 import Response

from shared.runtime.hosting import load
from shared.runtime.topics import every
from shared.testing.conformity import faults
from shared.testing.servers.foreign import kcat
from tests.e2e import business
from tests.e2e.business import yuan
from tests.e2e.cluster import Cluster, cluster
from tests.e2e.servers import servers
from tests.e2e.users import Users
from tests.e2e.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.servers,
    pytest.mark.timeout(1_800),
    pytest.mark.xdist_group("cluster"),
]
There = tuple[Cluster, Users]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    folder = tmp_path_factory.mktemp("cluster")
    with servers(folder) as running, cluster(folder, running) as (made, users):
        sys.stdout.write(f"against {running.against}\n")
        try:
            made.ready()
            yield made, users
        finally:
            sys.stdout.write(made.logs())


def test_from_lead_to_rebate_forecast_and_notification(there: There) -> None:
    made, users = there
    kafka = made.servers.kafka.servers
    business.opened(users)
    business.bank(kafka, business.paid("b1", "o1", "150000"), key="the bank's")  # too early
    business.shop(kafka, business.captured("c1"), "{broken")
    until(lambda: users.get("/v1/leads/c1")["status"] == "offered")
    users.post("/v1/leads/c1/acceptance", {"offer": 1}, who="partner:p1")
    token = business.ordered(users, "o1", 300)["token"]
    own = users.get("/v1/orders/o1", headers={"Qudao-Token": token})
    assert own["order_id"] == "o1"
    until(lambda: users.get("/v1/orders/o1")["status"] == "approved")
    users.get("/v1/settled?timeout=60")
    assert business.account(users)["volume"] == yuan("150000.00")
    asked = {"period": business.QUARTER}
    users.post("/v1/rebates/programmes/q-a/settlements", asked, who="finance")
    until(lambda: business.entries(users) == ["4500.00"])
    month = f"partner=p1&product_line=A&month={business.PAID_ON[:7]}"
    assert users.get(f"/v1/forecast?{month}")["actual"] == yuan("150000.00")
    told = users.get("/v1/notifications?recipient=partner:p1", who="partner:p1")["items"]
    assert told != []
    streamed = re.compile(r"qudao_stream_events_total [1-9]")
    until(lambda: streamed.search(made.told("stream forecast")))


def test_a_partner_follows_its_own_facts_through_the_gateway(there: There) -> None:
    _, users = there
    users.post("/v1/partners", business.partner("p7"))
    asked, who = {"cursor": "beginning"}, users.headers("partner:p1")
    with users.http.stream("GET", "/v1/feed", params=asked, headers=who) as feed:
        told = (json.loads(one[6:]) for one in feed.iter_lines() if one.startswith("data: "))
        found = takewhile(lambda fact: fact["type"] != "RebateSettled", told)
        assert {fact["partitionkey"] for fact in found} == {"p1"}


def test_a_till_reports_stock_and_who_watches_is_told(there: There) -> None:
    made, users = there
    kafka = made.servers.kafka.servers
    business.till(kafka, business.stocked("s1", "-1"), business.stocked("s2", "200"))
    shelves = "/v1/forecast/stock?partner=p1"
    until(lambda: [one["on_hand"] for one in users.get(shelves)["items"]] == ["200"])
    inbox = "/v1/notifications?recipient=partner:p1"

    def told() -> bool:
        items = users.get(inbox, who="partner:p1")["items"]
        return "stock-below-safety" in {one["rule"] for one in items}

    until(told)

    def rejected() -> bool:
        found = kcat.consume(kafka, ["StockReported.rejected"])
        return {one.headers["qudao-slug"] for one in found} == {b"stock-negative"}

    until(rejected)


def test_a_broken_claim_lies_untouched_among_the_rejected(there: There) -> None:
    made, _ = there
    found = kcat.consume(made.servers.kafka.servers, ["LeadCaptured.rejected"])
    told = {(one.value, one.headers["qudao-slug"]) for one in found}  # at least once each
    assert told == {(b"{broken", b"claim-malformed")}


def test_a_read_elsewhere_sees_what_its_caller_wrote(there: There) -> None:
    """Partners and orders answer from two processes: each new limit is seen with its token."""
    made, users = there
    apis = [role for name, role in made.roles.items() if name.startswith("api")]
    assert not any({"partners", "orders"} <= set(role.command) for role in apis)
    for number in range(1, 6):
        limit = yuan(f"{3_000_000 + number}.00")
        set_to = users.post("/v1/partners/p1/credit-limit", {"limit": limit}, who="finance")
        seen = users.get("/v1/accounts/p1", headers={"Qudao-Token": set_to["token"]})
        assert seen["limit"] == limit


def test_a_killed_worker_loses_nothing_and_the_other_takes_over(there: There) -> None:
    made, users = there
    leader = made.leader("orders")
    business.bank(made.servers.kafka.servers, business.paid("b2", "o1", "20000"))
    business.ordered(users, "o2", 100)
    leader.kill()
    business.bank(made.servers.kafka.servers, business.paid("b3", "o1", "30000"))
    business.ordered(users, "o3", 100)
    until(lambda: users.get("/v1/orders/o3")["status"] == "approved")
    until(lambda: business.account(users)["volume"] == yuan("200000.00"))
    assert made.leader("orders") is not leader
    made.again(leader)
    made.ready()


def test_commands_go_on_while_the_broker_is_gone(there: There) -> None:
    made, users = there
    made.servers.kafka.kill()
    try:
        business.ordered(users, "o4", 10)
        assert users.get("/v1/orders/o4")["status"] in {"submitted", "approved"}
        until(lambda: 'qudao_unreachable{context="orders"} 1.0' in made.metrics("orders"))
    finally:
        made.servers.kafka.start()
    business.bank(made.servers.kafka.servers, business.paid("b4", "o4", "10000"))
    until(lambda: users.get("/v1/orders/o4")["status"] == "approved")
    until(lambda: business.account(users)["volume"] == yuan("210000.00"))


def test_a_document_server_that_is_gone_delays_and_loses_nothing(there: There) -> None:
    made, users = there
    made.servers.mongo.kill()
    made.servers.mongo.start()
    business.ordered(users, "o5", 10)
    until(lambda: users.get("/v1/orders/o5")["status"] == "approved")


def test_an_event_store_that_is_gone_is_said_and_comes_back(there: There) -> None:
    made, users = there
    headers = users.headers("partner:p1") | {"Idempotency-Key": "while-it-is-gone"}
    body = {"order_id": "o6", "partner_id": "p1", "region": "east", "currency": "CNY"}
    line = {"line": 1, "sku": "a", "product_line": "A", "quantity": 1, "unit_price": yuan("1")}

    def asked() -> Response:
        return users.http.post("/v1/orders", json={**body, "lines": [line]}, headers=headers)

    made.servers.kurrent.kill()
    try:
        refused = asked()
    finally:
        made.servers.kurrent.start()
    assert (refused.status_code, refused.json()["slug"]) == (503, "server-unreachable")
    until(lambda: asked().status_code == 201)
    until(lambda: users.get("/v1/orders/o6")["status"] == "approved")


def test_a_view_is_rebuilt_by_the_workers(there: There) -> None:
    made, users = there
    before = users.get("/v1/orders?limit=200")["items"]
    for view in ("orders.orders", "rebates.accounts"):
        done = made.run("rebuild", view, QUDAO_GATEWAY=made.gateway)
        assert done.returncode == 0, done.stderr
    users.get("/v1/settled?timeout=60")
    assert users.get("/v1/orders?limit=200")["items"] == before
    assert business.account(users)["volume"] == yuan("210000.00")


def test_topics_hold_what_the_stores_published(there: There) -> None:
    made, users = there
    users.get("/v1/settled?timeout=60")
    swept = made.run("sweep", "--json")
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert all(one["equal"] for one in json.loads(swept.stdout).values())


def test_every_record_on_every_topic_is_as_its_schema_says(there: There) -> None:
    """Read by a foreign client, as data teams do."""
    made, _ = there
    named = [topic.name for topic in every(load(), 6)]
    published = {name for context in load() for name in context.published}
    read = [n for n in named if n in published or n.endswith(".rejected")]
    records = kcat.consume(made.servers.kafka.servers, read)
    assert {record.topic for record in records} >= {"OrderApproved", "PaymentReceived"}
    assert [fault for record in records for fault in faults(record)] == []


def test_a_worker_that_is_told_to_stop_ends_well(there: There) -> None:
    made, users = there
    assert made.roles["worker rebates"].stop() == 0
    business.bank(made.servers.kafka.servers, business.paid("b5", "o2", "5000"))
    made.again(made.roles["worker rebates"])
    until(lambda: business.account(users)["volume"] == yuan("215000.00"))
    assert users.get("/v1/parked")["items"] == []


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"QUDAO_KAFKA": "127.0.0.1:9"}, "Kafka"),
        ({"QUDAO_KURRENT": "kurrentdb://127.0.0.1:9?tls=false"}, "KurrentDB"),
        ({"QUDAO_MONGO": "mongodb://127.0.0.1:9"}, "MongoDB"),
        ({"QUDAO_PARTITIONS": "7"}, "partitions"),
        ({"QUDAO_TOPIC_PREFIX": "other."}, "qudao topics apply"),
        ({"QUDAO_KAFKA_SECURITY": "SASL_SSL"}, "QUDAO_KAFKA_USER"),
        ({"QUDAO_TEST": "0", "QUDAO_DATA": "elsewhere"}, "issuer.json"),
    ],
)
def test_bad_configuration_stops_a_process_at_start(
    there: There, settings: dict[str, str], why: str, tmp_path: Path
) -> None:
    made, _ = there
    if "QUDAO_DATA" in settings:
        settings = settings | {"QUDAO_DATA": str(tmp_path)}
    role = "api" if "QUDAO_DATA" in settings else "worker"
    done = made.run(role, "orders", **settings)
    assert done.returncode != 0
    assert why in done.stderr
    assert (
        len([line for line in done.stderr.splitlines() if "not started" in line or why in line])
        == 1
    )
    assert "Traceback" not in done.stderr
    examined = made.run("doctor", **settings)
    assert examined.returncode != 0
    assert why in examined.stdout + examined.stderr


def test_the_doctor_finds_nothing_wrong(there: There) -> None:
    made, _ = there
    assert (examined := made.run("doctor")).returncode == 0, examined.stdout + examined.stderr
    assert made.servers.kafka.servers in examined.stdout
