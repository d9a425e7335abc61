"""Traces by OpenTelemetry's standard variables: one trace from a request through every context."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.errors import Incompatible, Refused
from shared.runtime.telemetry import asked, continued, current_traceparent, telemetry
from shared.testing.platform import platform
from tests.runtime.collector import Collector, Span, collecting
from tests.runtime.door import ENROL

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"
REMOTE = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENDPOINT", "TRACES_ENDPOINT", "PROTOCOL", "TRACES_PROTOCOL"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)
    for name in ("TRACES_EXPORTER", "SDK_DISABLED", "SERVICE_NAME", "RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(f"OTEL_{name}", raising=False)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as one:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", one.address)
        yield one


def there(collector: Collector, name: str) -> Span:
    (found,) = [span for span in collector.spans if span.name == name]
    return found


@pytest.mark.parametrize(
    ("variables", "exporters"),
    [
        ({}, ()),
        ({"OTEL_SERVICE_NAME": "orders"}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "otlp, console"}, ("otlp", "console")),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "TRUE"}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "no"}, ("otlp",)),
        (
            {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
            ("otlp",),
        ),
        ({"OTEL_TRACES_EXPORTER": "console", PROTOCOL: "grpc"}, ("console",)),
    ],
)
def test_the_standard_variables_say_what_is_asked_for(
    variables: dict[str, str], exporters: tuple[str, ...]
) -> None:
    assert asked(variables) == exporters


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER: zipkin is none of otlp"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", PROTOCOL: "grpc"},
            "grpc is not http/protobuf",
        ),
        (
            {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
            "http/json is not http/protobuf",
        ),
    ],
)
def test_what_we_cannot_do_is_told_in_a_line(variables: dict[str, str], told: str) -> None:
    with pytest.raises(Incompatible, match=told) as refusal:
        asked(variables)
    assert "\n" not in str(refusal.value)


def test_without_the_variables_what_came_is_handed_on() -> None:
    with telemetry("qudao"), continued(REMOTE, "orders.when-approved") as handed:
        assert (handed, current_traceparent()) == (REMOTE, None)
    with continued(None, "orders.when-approved") as handed:
        assert handed is None


def test_without_the_extra_nothing_is_missed_until_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with telemetry("qudao"):
        assert current_traceparent() is None
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    told = "install the extra `otel`"
    with pytest.raises(Incompatible, match=told) as refusal, telemetry("qudao"):
        pass
    assert "\n" not in str(refusal.value)


def test_spans_go_on_from_what_came_and_are_sent_by_the_end(collector: Collector) -> None:
    with telemetry("qudao-orders"):
        with continued(REMOTE, "policy") as outer:
            assert outer == current_traceparent() != REMOTE
            with continued(outer, "command") as inner:
                assert inner not in {None, outer}
        with continued(None, "alone") as alone:
            assert alone is not None
    assert current_traceparent() is None
    policy, command = there(collector, "policy"), there(collector, "command")
    assert (policy.trace, policy.parent) == (TRACE, "00f067aa0ba902b7")
    assert (command.trace, command.parent) == (TRACE, policy.id)
    assert there(collector, "alone").trace != TRACE
    assert {span.service for span in collector.spans} == {"qudao-orders"}


def test_of_what_is_raised_only_the_type_leaves(collector: Collector) -> None:
    with telemetry("qudao"), pytest.raises(Refused), continued(None, "RegisterLead"):
        raise Refused("lead-exists", "Pat Doe")
    told = there(collector, "RegisterLead").told
    assert "Refused" in told
    assert not any(text in told for text in ("Pat", "lead-exists", "ERROR"))


def test_the_service_is_named_by_its_variable(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "orders-of-the-east")
    with telemetry("qudao"), continued(None, "alone"):
        pass
    assert there(collector, "alone").service == "orders-of-the-east"


async def test_a_trace_goes_from_a_request_through_two_contexts(
    collector: Collector, tmp_path: Path
) -> None:
    with telemetry("qudao"):
        async with platform(tmp_path, contexts=("partners", "leads", "gateway")) as bed:
            await bed.post("/v1/partners", ENROL, headers={"traceparent": REMOTE})
            await bed.settle()
            facts = {
                context: [
                    fact.traceparent or ""
                    for _, fact in await bed.platform.workers[context].ports.store.follow(
                        after=0, limit=99
                    )
                ]
                for context in ("partners", "leads")
            }
    assert all(facts.values())
    assert {one.split("-")[1] for many in facts.values() for one in many} == {TRACE}
    spans = {span.id: span for span in collector.spans if span.trace == TRACE}
    request = there(collector, "POST /v1/partners")
    assert request.parent == "00f067aa0ba902b7"
    for context in ("leads", "partners"):
        names, span = [], spans[facts[context][0].split("-")[2]]
        while span.id != request.id:
            names.append(span.name)
            span = spans[span.parent]
        assert names[-1] == "EnrolPartner"  # the request's command is first in every chain
    assert len(names) == 1


async def test_probes_leave_no_spans(collector: Collector, tmp_path: Path) -> None:
    with telemetry("qudao"):
        async with platform(tmp_path, contexts=("partners", "gateway")) as bed:
            assert (await bed.http.get("/health/live")).status_code == 200
            assert (await bed.http.get("/metrics")).status_code == 200
            assert (await bed.http.get("/openapi.json")).status_code == 200
    assert [span.name for span in collector.spans] == ["GET /openapi.json"]
