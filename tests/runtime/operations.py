"""How a partner's token meets every operation. A new route needs its row here."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["own-list", "own-object", "own-command", "own-body", "forbidden", "shared", "open"]


@dataclass(frozen=True, slots=True)
class Row:
    """How a partner meets an operation.

    own-list: only its own is listed, whatever is asked. own-object, own-command: foreign and
    missing answer alike. own-body: the body (an order's, where none is given) names the partner.
    shared: the same for all. In a body, {name} is an id of whom it is asked about.
    """

    kind: Kind
    body: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None

    def filled(self, ids: dict[str, str]) -> dict[str, Any]:
        named = {key: f"{{{key}}}" for key in ids}
        wanted = {key: ids[key] for key in named if self.body.get(key) == named[key]}
        return self.body | wanted


FORBIDDEN, SHARED, OPEN, LIST = Row("forbidden"), Row("shared"), Row("open"), Row("own-list")
OBJECT, OFFER = Row("own-object"), Row("own-command", {"offer": 1})
ACCOUNT = Row("own-object", query={"programme": "growth", "period": "2026-01", "partition": "A"})
REASON = Row("own-command", {"reason": "price"})
DONE = [{"kind": "visit", "happened_at": "2026-01-05T09:00:00+08:00"}]
OPPORTUNITY = {
    "opportunity_id": "o-9",
    "customer_id": "{customer_id}",
    "region": "east",
    "amount": {"amount": "1.00", "currency": "CNY"},
}
COST = {"line": 1, "amount": {"amount": "10", "currency": "CNY"}}
CLAIM = Row("own-command", {"request_id": "{request_id}", "lines": [COST], "evidence": []})
STOCK = {
    "region": "east",
    "product_line": "A",
    "since": "2026-02-01",
    "until": "2026-02-07",
    "sell_in": "5",
    "sell_through": "1",
}
QUARTER = Row("own-object", query={"period": "2026Q1"})
FORECAST = {"period": "2026Q1", "value": {"amount": "1.00", "currency": "CNY"}}
HOOK = {"endpoint_id": "hook-9", "channel": "webhook", "address": "https://hooks.example/9"}
ENDPOINT = Row("own-command", HOOK | {"recipient": "{recipient}"})
TABLE: dict[str, Row] = {
    "GET /v1/home": SHARED,
    "GET /v1/feed": SHARED,
    "POST /v1/partners": FORBIDDEN,
    "GET /v1/partners": LIST,
    "GET /v1/partners/{partner_id}": OBJECT,
    "POST /v1/partners/{partner_id}/level": FORBIDDEN,
    "POST /v1/partners/{partner_id}/suspension": FORBIDDEN,
    "POST /v1/partners/{partner_id}/reinstatement": FORBIDDEN,
    "POST /v1/partners/{partner_id}/credit-limit": FORBIDDEN,
    "POST /v1/delegations": FORBIDDEN,
    "POST /v1/delegations/{delegation_id}/revocation": FORBIDDEN,
    "GET /v1/delegations": FORBIDDEN,
    "POST /v1/leads": FORBIDDEN,
    "GET /v1/leads": LIST,
    "GET /v1/leads/{lead_id}": OBJECT,
    "GET /v1/leads/{lead_id}/explanation": OBJECT,
    "POST /v1/leads/{lead_id}/acceptance": OFFER,
    "POST /v1/leads/{lead_id}/decline": OFFER,
    "POST /v1/leads/{lead_id}/closing": Row("own-command", {"outcome": "won"}),
    "POST /v1/leads/{lead_id}/recall": FORBIDDEN,
    "POST /v1/leads/{lead_id}/assignment": FORBIDDEN,
    "POST /v1/leads/{lead_id}/retry": FORBIDDEN,
    "POST /v1/customers": FORBIDDEN,
    "GET /v1/customers": FORBIDDEN,
    "POST /v1/customers/check": FORBIDDEN,
    "GET /v1/customers/{customer_id}": FORBIDDEN,
    "POST /v1/lead-rules": FORBIDDEN,
    "GET /v1/lead-rules": FORBIDDEN,
    "GET /v1/lead-rules/{rule_id}": FORBIDDEN,
    "POST /v1/calendars": FORBIDDEN,
    "GET /v1/calendars": FORBIDDEN,
    "POST /v1/customers/{customer_id}/activities": FORBIDDEN,
    "POST /v1/customers/{customer_id}/claim": FORBIDDEN,
    "POST /v1/customers/{customer_id}/assignment": FORBIDDEN,
    "POST /v1/pool-rules": FORBIDDEN,
    "GET /v1/pool-rules": FORBIDDEN,
    "GET /v1/hand-over": FORBIDDEN,
    "POST /v1/hand-over": FORBIDDEN,
    "POST /v1/registrations": Row("own-body", {"registration_id": "r-9", "draft": True}),
    "GET /v1/registrations": LIST,
    "GET /v1/registrations/{registration_id}": OBJECT,
    "POST /v1/registrations/{registration_id}/completion": Row("own-command"),
    "POST /v1/registrations/{registration_id}/extension": Row("own-command", {"evidence": DONE}),
    "POST /v1/registrations/{registration_id}/withdrawal": Row("own-command"),
    "POST /v1/registrations/{registration_id}/approval": FORBIDDEN,
    "POST /v1/registrations/{registration_id}/rejection": FORBIDDEN,
    "POST /v1/registrations/{registration_id}/extension/approval": FORBIDDEN,
    "POST /v1/registrations/{registration_id}/extension/rejection": FORBIDDEN,
    "POST /v1/registration-rule": FORBIDDEN,
    "GET /v1/registration-rule": FORBIDDEN,
    "POST /v1/stage-models": FORBIDDEN,
    "GET /v1/stage-models": FORBIDDEN,
    "POST /v1/opportunities": Row("own-body", OPPORTUNITY),
    "GET /v1/opportunities": LIST,
    "GET /v1/opportunities/{opportunity_id}": OBJECT,
    "POST /v1/opportunities/{opportunity_id}/stage": Row("own-command", {"stage": "方案提交"}),
    "POST /v1/opportunities/{opportunity_id}/evidence": Row("own-command", {"kind": "photo"}),
    "POST /v1/opportunities/{opportunity_id}/feedback": Row("own-command"),
    "POST /v1/opportunities/{opportunity_id}/estimate": Row("own-command"),
    "POST /v1/opportunities/{opportunity_id}/lost": REASON,
    "POST /v1/opportunities/{opportunity_id}/reopening": REASON,
    "POST /v1/opportunities/{opportunity_id}/won": REASON,
    "POST /v1/orders": Row("own-body"),
    "GET /v1/orders": LIST,
    "POST /v1/orders/history": FORBIDDEN,
    "GET /v1/orders/{order_id}": OBJECT,
    "POST /v1/orders/{order_id}/approval": FORBIDDEN,
    "POST /v1/orders/{order_id}/rejection": FORBIDDEN,
    "POST /v1/orders/{order_id}/return": FORBIDDEN,
    "POST /v1/orders/{order_id}/recall": Row("own-command"),
    "POST /v1/orders/{order_id}/release": FORBIDDEN,
    "POST /v1/orders/{order_id}/cancellation": Row("own-command"),
    "POST /v1/orders/{order_id}/reopening": FORBIDDEN,
    "POST /v1/orders/{order_id}/shipment": FORBIDDEN,
    "POST /v1/orders/{order_id}/shipments": FORBIDDEN,
    "POST /v1/orders/{order_id}/deliveries": Row("own-command", {"delivered_on": "2026-02-10"}),
    "POST /v1/orders/{order_id}/returns": FORBIDDEN,
    "GET /v1/orders/{order_id}/track": OBJECT,
    "POST /v1/order-rule": FORBIDDEN,
    "GET /v1/order-rule": FORBIDDEN,
    "GET /v1/shipments": LIST,
    "GET /v1/accounts/{partner_id}": OBJECT,
    "POST /v1/accounts/{partner_id}/opening": FORBIDDEN,
    "POST /v1/payments": FORBIDDEN,
    "POST /v1/payments/{payment_id}/refund": FORBIDDEN,
    "POST /v1/payments/{payment_id}/reversal": FORBIDDEN,
    "GET /v1/payments": LIST,
    "GET /v1/payments/{payment_id}": OBJECT,
    "POST /v1/rebates/programmes": FORBIDDEN,
    "GET /v1/rebates/programmes": SHARED,
    "GET /v1/rebates/programmes/schema": SHARED,
    "GET /v1/rebates/programmes/{programme_id}": SHARED,
    "POST /v1/rebates/programmes/{programme_id}/settlements": FORBIDDEN,
    "GET /v1/rebates/accounts": LIST,
    "GET /v1/rebates/accounts/entries": LIST,
    "GET /v1/rebates/accounts/proposals": LIST,
    "GET /v1/rebates/accounts/explanation": ACCOUNT,
    "GET /v1/rebates/accounts/next-tier": ACCOUNT,
    "POST /v1/rebates/accounts/{account_id}/proposals/{proposal}/approval": FORBIDDEN,
    "POST /v1/mdf/funds": FORBIDDEN,
    "GET /v1/mdf/funds": LIST,
    "GET /v1/mdf/funds/{fund_id}": OBJECT,
    "GET /v1/mdf/balances": LIST,
    "POST /v1/mdf/requests": Row("own-body"),
    "GET /v1/mdf/requests": LIST,
    "GET /v1/mdf/requests/{request_id}": OBJECT,
    "GET /v1/mdf/requests/{request_id}/roi": OBJECT,
    "POST /v1/mdf/requests/{request_id}/approval": FORBIDDEN,
    "POST /v1/mdf/requests/{request_id}/rejection": FORBIDDEN,
    "POST /v1/mdf/requests/{request_id}/return": FORBIDDEN,
    "POST /v1/mdf/requests/{request_id}/withdrawal": Row("own-command"),
    "POST /v1/mdf/requests/{request_id}/recall": Row("own-command"),
    "POST /v1/mdf/requests/{request_id}/closing": FORBIDDEN,
    "POST /v1/mdf/requests/{request_id}/cancellation": Row("own-command"),
    "POST /v1/mdf/requests/{request_id}/evidence": Row("own-command", content=b"%PDF-1.7 mine"),
    "GET /v1/mdf/requests/{request_id}/evidence/{sha256}": OBJECT,
    "POST /v1/mdf/claims": CLAIM,
    "GET /v1/mdf/claims": LIST,
    "GET /v1/mdf/claims/{claim_id}": OBJECT,
    "POST /v1/mdf/claims/{claim_id}/check": FORBIDDEN,
    "POST /v1/mdf/claims/{claim_id}/release": FORBIDDEN,
    "POST /v1/mdf/claims/{claim_id}/approval": FORBIDDEN,
    "POST /v1/mdf/claims/{claim_id}/rejection": FORBIDDEN,
    "POST /v1/mdf/claims/{claim_id}/payment": FORBIDDEN,
    "POST /v1/mdf/templates": FORBIDDEN,
    "GET /v1/mdf/templates/{template_id}": SHARED,
    "POST /v1/mdf/approval-rule": FORBIDDEN,
    "GET /v1/mdf/approval-rule": FORBIDDEN,
    "GET /v1/forecast": OBJECT,
    "GET /v1/forecast/run-rates": OBJECT,
    "GET /v1/forecast/anomalies": FORBIDDEN,
    "GET /v1/forecast/pipeline": QUARTER,
    "GET /v1/forecast/waterfall": Row(
        "own-object", query={"period": "2026Q1", "since": "2026-01-01T00:00:00Z"}
    ),
    "GET /v1/forecast/weighted": QUARTER,
    "GET /v1/forecast/blend": QUARTER,
    "POST /v1/forecast/blend": Row("shared", {"opinions": [{"value": "1"}]}),
    "GET /v1/forecast/publications": OBJECT,
    "GET /v1/forecast/publications/accuracy": OBJECT,
    "POST /v1/forecast/publications": FORBIDDEN,
    "GET /v1/forecast/targets": LIST,
    "GET /v1/forecast/stock": LIST,
    "POST /v1/forecast/stock": Row("own-body", STOCK),
    "GET /v1/forecast/rollup": QUARTER,
    "POST /v1/forecast/submissions": Row("own-body", FORECAST),
    "POST /v1/forecast/adjustments": FORBIDDEN,
    "POST /v1/forecast/targets": FORBIDDEN,
    "POST /v1/forecast/accuracy": Row("shared", {"actual": ["1"], "forecast": ["1"]}),
    "GET /v1/notifications": LIST,
    "POST /v1/notifications/{notification_id}/acknowledgement": Row("own-command"),
    "POST /v1/notifications/endpoints": ENDPOINT,
    "GET /v1/notifications/endpoints": LIST,
    "POST /v1/notifications/endpoints/{endpoint_id}/secret": Row("own-command"),
    "POST /v1/notifications/endpoints/{endpoint_id}/disabling": Row("own-command"),
    "POST /v1/notifications/endpoints/{endpoint_id}/enabling": Row("own-command"),
    "GET /v1/notifications/deliveries": LIST,
    "GET /v1/notifications/deliveries/{delivery_id}": OBJECT,
    "POST /v1/notifications/deliveries/{delivery_id}/redelivery": Row("own-command"),
    "GET /v1/notifications/preferences": SHARED,
    "POST /v1/notifications/preferences": SHARED,
    "POST /v1/notification-rules": FORBIDDEN,
    "GET /v1/notification-rules": FORBIDDEN,
    "GET /v1/me": SHARED,
    "GET /v1/clock": SHARED,
    "POST /v1/clock": FORBIDDEN,
    "GET /v1/settled": SHARED,
    "GET /v1/streams/{stream}": FORBIDDEN,
    "GET /v1/facts": FORBIDDEN,
    "GET /v1/events": Row("forbidden", query={"context": "orders"}),
    "GET /v1/parked": FORBIDDEN,
    "POST /v1/parked/retries": FORBIDDEN,
    "POST /v1/parked/drops": FORBIDDEN,
    "POST /v1/rebuilds": FORBIDDEN,
    "GET /v1/rebuilds": FORBIDDEN,
    "DELETE /v1/people/{person_id}": FORBIDDEN,
    "POST /v1/tokens": OPEN,
    "GET /health": OPEN,
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /metrics": OPEN,
}
