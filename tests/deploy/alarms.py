"""Every alert with what makes it fire and what must leave it silent, as promtool's test cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Series = Mapping[str, str]  # in promtool's notation, one value a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """After `minutes` the firing series raise it with `labels`; the silent ones never do."""

    alert: str
    minutes: int
    firing: Series
    silent: Series
    labels: Mapping[str, str]

    def cases(self, rule: Mapping[str, Any]) -> list[dict[str, Any]]:
        fired = {
            "exp_labels": {**rule["labels"], **self.labels},
            "exp_annotations": rule["annotations"],
        }
        return [
            self._case("fires", self.firing, [fired]),
            self._case("is silent", self.silent, []),
        ]

    def _case(self, what: str, series: Series, expected: list[Any]) -> dict[str, Any]:
        return {
            "name": f"{self.alert} {what}",
            "interval": "1m",
            "input_series": [{"series": one, "values": at} for one, at in series.items()],
            "alert_rule_test": [
                {"alertname": self.alert, "eval_time": f"{self.minutes}m", "exp_alerts": expected}
            ],
        }


def buckets(metric: str, labels: str, fast: int, slow: int, *, limit: str) -> Series:
    """A histogram in which so many observations a minute are within the limit, and over it."""
    return {
        f'{metric}_bucket{{{labels},le="0.005"}}': f"0+{fast}x60",
        f'{metric}_bucket{{{labels},le="{limit}"}}': f"0+{fast}x60",
        f'{metric}_bucket{{{labels},le="10"}}': f"0+{fast + slow}x60",
        f'{metric}_bucket{{{labels},le="+Inf"}}': f"0+{fast + slow}x60",
    }


UP = 'up{job="qudao",instance="10.0.0.1:8080",service="orders-worker",role="worker"}'
TWIN = 'up{job="qudao",instance="10.0.0.2:8080",service="orders-worker",role="worker"}'
ORDERS = {"context": "orders"}
UNREACHABLE = 'qudao_unreachable{context="orders",job="qudao",instance="a",service="s"}'
REACHABLE = 'qudao_gateway_reachable{context="orders",job="qudao",instance="a"}'
LEADS = 'qudao_leads{context="orders",role="worker",instance="%s"}'
HELD = 'qudao_held_logs{context="orders",role="worker",instance="%s"}'
LEADS_API = LEADS.replace("worker", "api") % "c"
HELD_API = HELD.replace("worker", "api") % "c"
RELAY = 'qudao_behind_seconds{consumer="orders.relay",instance="a"}'
VIEW = 'qudao_behind_seconds{consumer="orders.payments",instance="%s"}'
PARKED = 'qudao_parked_facts{context="orders",state="%s"}'
COMMANDS = 'qudao_commands_total{type="Allocate",outcome="%s"}'
ANSWERS = 'qudao_gateway_requests_total{context="orders",status="%s"}'
CENTS = 'qudao_unexplained_cents{job="qudao",instance="a",service="rebates-api",role="api"}'
DISK = 'qudao_disk%s_bytes{job="qudao",instance="a"}'
LONGEST = 'qudao_longest_stream_facts{context="orders"}'

ALARMS = [
    Alarm(
        alert="QudaoProcessDown",
        minutes=5,
        firing={UP: "1 0x9", TWIN: "1x10"},
        silent={UP: "1 0 1x8", TWIN: "1x10"},
        labels={
            "job": "qudao",
            "instance": "10.0.0.1:8080",
            "service": "orders-worker",
            "role": "worker",
        },
    ),
    Alarm(
        alert="QudaoServiceGone",
        minutes=30,
        firing={UP: "1x9 stale"},
        silent={UP: "1x9 stale", TWIN: "1x40"},
        labels={"service": "orders-worker"},
    ),
    Alarm(
        alert="QudaoServerUnreachable",
        minutes=5,
        firing={UNREACHABLE: "0 1x9"},
        silent={UNREACHABLE: "0 1 0x9"},
        labels={"context": "orders", "job": "qudao"},
    ),
    Alarm(
        alert="QudaoDiskFilling",
        minutes=12,
        firing={DISK % "": "100x15", DISK % "_free": "11 10 9x13"},
        silent={DISK % "": "100x15", DISK % "_free": "9 9 10x13"},
        labels={"job": "qudao", "instance": "a"},
    ),
    Alarm(
        alert="QudaoContextLost",
        minutes=5,
        firing={REACHABLE: "1 0x9"},
        silent={REACHABLE: "1 0 1x9"},
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoNobodyLeads",
        minutes=6,
        firing={LEADS % "a": "1 0x9", LEADS % "b": "0x10", LEADS_API: "1x10"},
        silent={LEADS % "a": "1 0x9", LEADS % "b": "0 0 1x9"},
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoSeveralLead",
        minutes=20,
        firing={LEADS % "a": "1x30", LEADS % "b": "1x30"},
        silent={LEADS % "a": "1x30", LEADS % "b": "1x9 0x30", LEADS_API: "1x30"},
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoLogsUnread",
        minutes=20,
        firing={HELD % "a": "6x30", HELD % "b": "6x9 stale"},
        silent={HELD % "a": "6x9 12x30", HELD % "b": "6x9 stale", HELD_API: "12x9 stale"},
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoRelayBehind",
        minutes=10,
        firing={RELAY: "61x20"},
        silent={RELAY: "60x20", VIEW % "a": "100x20"},
        labels={"consumer": "orders.relay"},
    ),
    Alarm(
        alert="QudaoBehind",
        minutes=10,
        firing={VIEW % "a": "0x20", VIEW % "b": "61x20"},
        silent={VIEW % "a": "60x20", RELAY: "100x20"},
        labels={"consumer": "orders.payments"},
    ),
    Alarm(
        alert="QudaoFarBehind",
        minutes=10,
        firing={VIEW % "a": "901x20"},
        silent={VIEW % "a": "900x20"},
        labels={"consumer": "orders.payments"},
    ),
    Alarm(
        alert="QudaoStale",
        minutes=30,
        firing=buckets("qudao_freshness_seconds", 'view="orders.payments"', 98, 2, limit="5"),
        silent=buckets("qudao_freshness_seconds", 'view="orders.payments"', 1000, 1, limit="5"),
        labels={"view": "orders.payments"},
    ),
    Alarm(
        alert="QudaoTimersLate",
        minutes=10,
        firing={'qudao_timers_late{context="leads"}': "1x20"},
        silent={'qudao_timers_late{context="leads"}': "1 1 0x20"},
        labels={"context": "leads"},
    ),
    Alarm(
        alert="QudaoStreamNotHeld",
        minutes=20,
        firing={"qudao_stream_held": "1 0x30"},
        silent={'qudao_stream_held{instance="a"}': "0x30"}
        | {'qudao_stream_held{instance="b"}': "0x9 1x30"},
        labels={},
    ),
    Alarm(
        alert="QudaoStreamBehind",
        minutes=15,
        firing={"qudao_stream_lag_facts": "1001x30"},
        silent={"qudao_stream_lag_facts": "1000x30"},
        labels={},
    ),
    Alarm(
        alert="QudaoStreamSkipped",
        minutes=10,
        firing={"qudao_stream_skipped_total": "0x5 1x30"},
        silent={"qudao_stream_skipped_total": "7x30"},
        labels={},
    ),
    Alarm(
        alert="QudaoParked",
        minutes=5,
        firing={PARKED % "waiting": "0 1x9"},
        silent={PARKED % "waiting": "0x10", PARKED % "retrying": "9x10"},
        labels={"context": "orders", "state": "waiting"},
    ),
    Alarm(
        alert="QudaoRetrying",
        minutes=20,
        firing={PARKED % "behind": "1x30"},
        silent={PARKED % "behind": "1x9 0x30", PARKED % "waiting": "9x30"},
        labels={"context": "orders", "state": "behind"},
    ),
    Alarm(
        alert="QudaoSkipped",
        minutes=10,
        firing={'qudao_skipped_facts{consumer="orders.when-enrolled"}': "0 1x20"},
        silent={'qudao_skipped_facts{consumer="orders.when-enrolled"}': "0x20"},
        labels={"consumer": "orders.when-enrolled"},
    ),
    Alarm(
        alert="QudaoClaimsWait",
        minutes=400,
        firing={'qudao_waiting_claims{context="orders"}': "1x420"},
        silent={'qudao_waiting_claims{context="orders"}': "1x200 0 1x300"},
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoUnexplainedCents",
        minutes=5,
        firing={CENTS: "0 -1x9"},
        silent={CENTS: "0x10"},
        labels={"job": "qudao"},
    ),
    Alarm(
        alert="QudaoCommandsFail",
        minutes=20,
        firing={COMMANDS % "done": "0+93x30", COMMANDS % "failed": "0+3x30"}
        | {COMMANDS % "stale": "0+4x30"},
        silent={COMMANDS % "done": "0+50x30", COMMANDS % "failed": "0+2x30"}
        | {COMMANDS % "credit-short": "0+50x30"},
        labels={},
    ),
    Alarm(
        alert="QudaoCommandsSlow",
        minutes=30,
        firing=buckets("qudao_command_seconds", 'context="orders"', 98, 2, limit="1"),
        silent=buckets("qudao_command_seconds", 'context="orders"', 1000, 1, limit="1"),
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoAppendsSlow",
        minutes=30,
        firing=buckets("qudao_append_seconds", 'context="orders"', 98, 2, limit="0.5"),
        silent=buckets("qudao_append_seconds", 'context="orders"', 1000, 1, limit="0.5"),
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoLongStream",
        minutes=12,
        firing={LONGEST: "9999 10001x14"},
        silent={LONGEST: "10000x15"},
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoGatewayErrors",
        minutes=20,
        firing={ANSWERS % "2xx": "0+97x30", ANSWERS % "5xx": "0+2x30"},
        silent={
            ANSWERS % "2xx": "0+997x30",
            ANSWERS % "5xx": "0+3x30",
            ANSWERS % "4xx": "0+90x30",
        },
        labels=ORDERS,
    ),
    Alarm(
        alert="QudaoGatewaySlow",
        minutes=30,
        firing=buckets("qudao_gateway_request_seconds", 'context="orders"', 98, 2, limit="2"),
        silent=buckets("qudao_gateway_request_seconds", 'context="orders"', 1000, 1, limit="2"),
        labels=ORDERS,
    ),
]
