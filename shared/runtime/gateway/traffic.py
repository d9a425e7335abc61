"""What passes through, counted: by context and class of status, never by who asked."""

from dataclasses import dataclass, field
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime.gateway.desk import LABEL, Desk

OURSELVES = "gateway"


@dataclass(slots=True)
class Traffic:
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    reachable: Gauge = field(init=False)

    def __post_init__(self) -> None:
        use = self.registry
        self.requests = Counter(
            "qudao_gateway_requests", "Requests by context", ["context", "status"], registry=use
        )
        self.seconds = Histogram(
            "qudao_gateway_request_seconds", "Until it was answered", ["context"], registry=use
        )
        self.reachable = Gauge(
            "qudao_gateway_reachable", "0 since a context was lost", ["context"], registry=use
        )

    def scrape(self, desk: Desk) -> bytes:
        for one in desk.upstreams:
            for context in one.contexts:
                there = not one.lost and context not in desk.directory.missing
                self.reachable.labels(context).set(there)
        return generate_latest(self.registry)


@dataclass(frozen=True, slots=True)
class Counted:
    """Around everything, so that what was refused at the door counts as well."""

    app: ASGIApp
    traffic: Traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state, began = scope.setdefault("state", {}), perf_counter()
        status = "none"

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
            await send(message)

        try:
            await self.app(scope, receive, told)
        finally:
            context = state.get(LABEL, OURSELVES)
            self.traffic.requests.labels(context, status).inc()
            self.traffic.seconds.labels(context).observe(perf_counter() - began)
