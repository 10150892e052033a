"""Traces, where `PORTAL_OTEL_ENDPOINT` names who collects them: what a request, a job and a delivery spent its time on.

Nothing is loaded and nothing costs anything without an endpoint. A trace names routes and statements, never what was
typed: addresses appear as their patterns, statements without their values. It carries the request's number, so that
an error page leads to its trace as it leads to its line in the log.
"""

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

LONGEST_STATEMENT = 2000
# What a transaction is told beside its values: whose it is, and what they look for (`portal.db.scoped`).
SET = re.compile(r"(set local portal\.\w+ = )'(?:[^']|'')*'")

_tracer: Any = None
_provider: Any = None


def begin(endpoint: str, part: str) -> None:
    """Send the spans of this process, a `part` like web or worker, to `endpoint`; none when that is empty."""
    global _tracer, _provider
    if not endpoint or _tracer is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    _provider = TracerProvider(resource=Resource({"service.name": f"portal-{part}"}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    _provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    _tracer = _provider.get_tracer("portal")


def end() -> None:
    """Send what waits."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def is_on() -> bool:
    return _tracer is not None


@contextlib.contextmanager
def span(name: str, kind: str = "internal", **said: str | int) -> Iterator[Any]:
    """What happens inside, as one step; None where nobody collects. Attributes are written with `_` for `.`."""
    if _tracer is None:
        yield None
        return
    with _tracer.start_as_current_span(name, kind=_kind(kind), attributes=_dotted(said)) as found:
        yield found


async def request(app: ASGIApp, scope: Any, receive: Receive, send: Send) -> None:
    """Answer one request inside a span."""
    with span(scope["method"], "server", http_request_method=scope["method"]) as found:

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = str(scope.get("path_template") or "none")
                found.update_name(f"{scope['method']} {route}")
                found.set_attributes(
                    {
                        "http.route": route,
                        "http.response.status_code": message["status"],
                        "portal.request": str(scope["state"].get("request_id", "")),
                    }
                )
                if message["status"] >= 500:
                    found.set_status(_failed())
            await send(message)

        await app(scope, receive, sending)


def watch(connection: Any) -> None:
    """Every statement of this connection is a step of whatever asked for it."""
    if _tracer is not None:
        connection.add_query_logger(_asked)


def _asked(record: Any) -> None:
    """Called when the statement has been answered; its values are left out, because they are people's."""
    ended = time.time_ns()
    text = SET.sub(r"\1'…'", " ".join(record.query.split()))
    made = _tracer and _tracer.start_span(
        text.partition(" ")[0].lower() or "statement",
        kind=_kind("client"),
        start_time=ended - int(record.elapsed * 1e9),
        attributes={"db.system.name": "postgresql", "db.query.text": text[:LONGEST_STATEMENT]},
    )
    if made:
        if record.exception is not None:
            made.set_status(_failed())
        made.end(ended)


def _kind(name: str) -> Any:
    from opentelemetry.trace import SpanKind

    return SpanKind[name.upper()]


def _failed() -> Any:
    from opentelemetry.trace import Status, StatusCode

    return Status(StatusCode.ERROR)


def _dotted(said: Mapping[str, str | int]) -> dict[str, str | int]:
    return {name.replace("_", "."): value for name, value in said.items()}
