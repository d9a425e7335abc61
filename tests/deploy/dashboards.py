"""Grafana's dashboards: what is asked, in rows; the JSON is made of it."""

from collections.abc import Sequence

from tests.deploy.grafana import Dashboard, Panel


def of(context: str, metric: str) -> str:
    """Consumers and views are named `<context>.…`."""
    label = "view" if metric.startswith("view:") else "consumer"
    return f'{metric}{{{label}=~"{context}[.].+"}}'


FLOW = Dashboard(
    "flow",
    "flow",
    rows=[
        [
            Panel("Processes that answer", "sum(service:up:sum)", one=True),
            Panel(
                "Contexts without a server",
                "sum(max by (context) (qudao_unreachable))",
                one=True,
                bad=1,
            ),
            Panel(
                "Facts that wait for a person",
                'sum(context_state:qudao_parked_facts:max{state="waiting"})',
                one=True,
                bad=1,
            ),
            Panel(
                "Cents that are not explained",
                "max(abs(qudao_unexplained_cents))",
                one=True,
                bad=1,
            ),
        ],
        [
            Panel(
                "Facts stored, by context",
                "context:qudao_appended_facts:rate5m",
                "{{context}}",
                unit="ops",
            ),
            Panel(
                "Recorded to visible, 99 of 100",
                "view:qudao_freshness_seconds:p99",
                "{{view}}",
                unit="s",
                bad=5,
            ),
        ],
        [
            Panel(
                "Requests at the gateway, by context and status",
                "context_status:qudao_gateway_requests:rate5m",
                "{{context}} {{status}}",
                unit="reqps",
            ),
            Panel(
                "Answer of the gateway, 99 of 100",
                "context:qudao_gateway_request_seconds:p99",
                "{{context}}",
                unit="s",
                bad=2,
            ),
        ],
        [
            Panel(
                "Deliveries that left the house",
                "sum by (channel) (rate(qudao_deliveries_total[5m]))",
                "{{channel}}",
                unit="ops",
            ),
            Panel("Processes, by service", "service:up:sum", "{{service}}"),
        ],
    ],
)

LAG = Dashboard(
    "lag",
    "lag and parked facts",
    rows=[
        [
            Panel(
                "Behind: the age of the first fact still to read",
                "consumer:qudao_behind_seconds:max",
                "{{consumer}}",
                unit="s",
                bad=60,
            ),
            Panel("Facts still to read", "consumer:qudao_lag_facts:max", "{{consumer}}"),
        ],
        [
            Panel(
                "Parked facts, by state",
                "context_state:qudao_parked_facts:max",
                "{{context}} {{state}}",
                bad=1,
            ),
            Panel(
                "Claims that wait for what they name",
                "context:qudao_waiting_claims:max",
                "{{context}}",
            ),
            Panel(
                "Facts of an unknown type",
                "consumer:qudao_skipped_facts:max",
                "{{consumer}}",
                bad=1,
            ),
        ],
        [
            Panel("Who leads (1 a context)", "context:qudao_leads:sum", "{{context}}"),
            Panel("Partitions that are read", "context:qudao_held_logs:sum", "{{context}}"),
            Panel("Timers that are late", "context:qudao_timers_late:max", "{{context}}", bad=1),
        ],
    ],
)

COMMANDS = Dashboard(
    "commands",
    "commands",
    rows=[
        [
            Panel(
                "Commands, by outcome", "outcome:qudao_commands:rate5m", "{{outcome}}", unit="ops"
            ),
            Panel(
                "Commands, by type",
                "sum by (type) (type_outcome:qudao_commands:rate5m)",
                "{{type}}",
                unit="ops",
            ),
        ],
        [
            Panel(
                "Failed or lost every race, of all",
                (
                    'sum(outcome:qudao_commands:rate5m{outcome=~"failed|stale"})'
                    " / sum(outcome:qudao_commands:rate5m)"
                ),
                unit="percentunit",
                bad=0.05,
            ),
            Panel(
                "Refused, by reason",
                'outcome:qudao_commands:rate5m{outcome!~"done|repeated|failed|stale"}',
                "{{outcome}}",
                unit="ops",
            ),
        ],
        [
            Panel(
                "Decide and append, 1 of 2",
                "context:qudao_command_seconds:p50",
                "{{context}}",
                unit="s",
            ),
            Panel(
                "Decide and append, 99 of 100",
                "context:qudao_command_seconds:p99",
                "{{context}}",
                unit="s",
                bad=1,
            ),
            Panel(
                "Until it is on disk, 99 of 100",
                "context:qudao_append_seconds:p99",
                "{{context}}",
                unit="s",
                bad=0.5,
            ),
        ],
    ],
)


def _context(name: str, *more: Sequence[Panel]) -> Sequence[Sequence[Panel]]:
    """What one context's people ask first."""
    return [
        *more,
        [
            Panel(
                "Facts stored",
                f'context:qudao_appended_facts:rate5m{{context="{name}"}}',
                unit="ops",
            ),
            Panel(
                "Decide and append, 99 of 100",
                f'context:qudao_command_seconds:p99{{context="{name}"}}',
                unit="s",
            ),
        ],
        [
            Panel(
                "Behind",
                of(name, "consumer:qudao_behind_seconds:max"),
                "{{consumer}}",
                unit="s",
                bad=60,
            ),
            Panel(
                "Recorded to visible, 99 of 100",
                of(name, "view:qudao_freshness_seconds:p99"),
                "{{view}}",
                unit="s",
                bad=5,
            ),
        ],
        [
            Panel(
                "Parked facts",
                f'context_state:qudao_parked_facts:max{{context="{name}"}}',
                "{{state}}",
                bad=1,
            ),
            Panel(
                "Timers that are late", f'context:qudao_timers_late:max{{context="{name}"}}', bad=1
            ),
        ],
    ]


REBATES = Dashboard(
    "rebates",
    "rebates",
    rows=_context(
        "rebates",
        [
            Panel(
                "Cents that are not explained",
                "max(abs(qudao_unexplained_cents))",
                one=True,
                bad=1,
            ),
            Panel(
                "Settlements",
                "sum by (type, outcome) (increase("
                'qudao_commands_total{type=~"Settle|RequestSettlement"}[1h]))',
                "{{type}} {{outcome}}",
            ),
        ],
    ),
)

FORECAST = Dashboard(
    "forecast",
    "forecast",
    rows=_context(
        "forecast",
        [
            Panel(
                "Run-rate of four weeks, by region and product line",
                "sum by (region, product_line, currency) (qudao_stream_run_rate)",
                "{{region}} {{product_line}} {{currency}}",
            ),
            Panel(
                "Collected in four weeks, by region",
                "sum by (region, currency) (qudao_stream_collected)",
                "{{region}} {{currency}}",
            ),
        ],
        [
            Panel(
                "Records through the windows",
                "sum(rate(qudao_stream_events_total[5m]))",
                unit="ops",
            ),
            Panel("Records still to read by the windows", "max(qudao_stream_lag_facts)", bad=1000),
            Panel(
                "Anomalies that were reported, in an hour",
                'sum by (outcome) (increase(qudao_commands_total{type="ReportAnomaly"}[1h]))',
                "{{outcome}}",
            ),
        ],
    ),
)

DASHBOARDS = (FLOW, LAG, COMMANDS, REBATES, FORECAST)
