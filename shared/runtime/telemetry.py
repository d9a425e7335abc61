"""OpenTelemetry traces, where its standard variables ask for them; else nothing is made or sent.

Metrics are Prometheus's and logs structlog's, so only `OTEL_TRACES_EXPORTER` counts.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.kernel.errors import Incompatible

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

W3C = TraceContextTextMapPropagator()
NAME = "service.name"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROBES = ("/health", "/metrics")
EXPORTERS = {
    "otlp": ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "OTLPSpanExporter"),
    "console": ("opentelemetry.sdk.trace.export", "ConsoleSpanExporter"),
}
_provider: "TracerProvider | None" = None
_tracer: Tracer | None = None


def asked(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The exporters that the standard variables name; `Incompatible` if we have none of a kind."""
    if variables.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ()
    default = "otlp" if any(variables.get(name) for name in ENDPOINTS) else "none"
    named = variables.get("OTEL_TRACES_EXPORTER", "").strip().lower() or default
    exporters = tuple(one.strip() for one in named.split(",") if one.strip() != "none")
    if unknown := [one for one in exporters if one not in EXPORTERS]:
        raise Incompatible(f"OTEL_TRACES_EXPORTER: {', '.join(unknown)} is none of {_known()}")
    protocol = next((variables[name] for name in PROTOCOLS if variables.get(name)), "")
    if "otlp" in exporters and protocol not in {"", "http/protobuf"}:
        raise Incompatible(f"OTEL_EXPORTER_OTLP_PROTOCOL: {protocol} is not http/protobuf")
    return exporters


@contextmanager
def telemetry(service: str) -> Iterator[None]:
    """For the life of a process. `OTEL_SERVICE_NAME` wins over `service`."""
    global _provider, _tracer  # noqa: PLW0603 - like the SDK's own: one to a process
    if not (exporters := asked(os.environ)):
        yield
        return
    _provider = _made(service, exporters)
    _tracer = _provider.get_tracer("qudao")
    try:
        yield
    finally:
        _provider.shutdown()  # sends what is left
        _provider = _tracer = None


def for_fastapi() -> TelemetryConfig:
    """A span for each request but the probes. Requests are counted in our own metrics."""
    return {
        "tracer_provider": _provider,
        "tracing": _provider is not None,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
        "exclude": lambda scope: str(scope["path"]).startswith(PROBES),
    }


def current_traceparent() -> str | None:
    """Of the span that this code runs in; None where there is none."""
    carrier: dict[str, str] = {}
    W3C.inject(carrier)
    return carrier.get("traceparent")


def continued(traceparent: str | None, name: str) -> AbstractContextManager[str | None]:
    """A span that goes on from `traceparent`, or else from the current span; gives its own.

    Without telemetry what came is handed on as it is.
    """
    return nullcontext(traceparent) if _tracer is None else _spanned(_tracer, traceparent, name)


@contextmanager
def _spanned(tracer: Tracer, traceparent: str | None, name: str) -> Iterator[str | None]:
    """Of what is raised only the type is told: a refusal is no error, a text may name people."""
    parent, kind = None, SpanKind.INTERNAL
    if traceparent not in {None, current_traceparent()}:
        parent, kind = W3C.extract({"traceparent": traceparent}), SpanKind.CONSUMER
    with tracer.start_as_current_span(
        name, context=parent, kind=kind, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield current_traceparent()
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            raise


def _made(service: str, exporters: tuple[str, ...]) -> "TracerProvider":
    try:
        sdk = import_module("opentelemetry.sdk.trace")
        export = import_module("opentelemetry.sdk.trace.export")
        resources = import_module("opentelemetry.sdk.resources")
        classes = [
            getattr(import_module(EXPORTERS[one][0]), EXPORTERS[one][1]) for one in exporters
        ]
    except ImportError as missing:
        told = "traces are asked for (OTEL_…): install the extra `otel`, or set OTEL_SDK_DISABLED"
        raise Incompatible(f"{told} ({missing.name} is missing)") from None
    resource = resources.Resource.create()
    if _nameless(resource.attributes):
        resource = resource.merge(resources.Resource({NAME: service}))
    provider: TracerProvider = sdk.TracerProvider(resource=resource, shutdown_on_exit=False)
    for make in classes:
        provider.add_span_processor(export.BatchSpanProcessor(make()))
    return provider


def _nameless(attributes: Mapping[str, Any]) -> bool:
    return str(attributes.get(NAME, "")).startswith("unknown_service")


def _known() -> str:
    return ", ".join((*EXPORTERS, "none"))
