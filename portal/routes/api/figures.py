"""Prometheus figures of connections, read from the database when somebody asks: every process tells the same."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from portal.domain.health import Health

LABELS = ("connection", "kind", "account")


class Connections(Collector):
    """What was measured, as gauges."""

    def __init__(
        self, found: Sequence[Health], unseen: int, standing: int, closed: Sequence[str] = ()
    ) -> None:
        self.found = found
        self.unseen = unseen
        self.standing = standing
        # Accounts whose own sign-in lets nobody in.
        self.closed = closed

    def collect(self) -> Iterable[GaugeMetricFamily]:
        figures = {
            "backlog": "Messages that wait or are under way",
            "oldest_seconds": "How long the oldest of them has waited",
            "dead": "Messages that failed for good and wait for a person",
            "attempts_last_hour": "Attempts of the last hour",
            "failures_last_hour": "Those of them that failed",
            "up": "1 while it is sent to and the last attempt got through",
        }
        families = {
            name: GaugeMetricFamily(f"portal_connection_{name}", said, labels=LABELS)
            for name, said in figures.items()
        }
        for one in self.found:
            labels = (one.id, one.kind, one.account or "")
            is_up = one.state == "active" and not one.is_failing
            values = (one.backlog, one.oldest or 0, one.dead, one.hour.tried, one.hour.failed, int(is_up))
            for family, value in zip(families.values(), values, strict=True):
                family.add_metric(labels, value)
        yield from families.values()
        alerts = GaugeMetricFamily("portal_alerts", "Alerts that stand", labels=("state",))
        alerts.add_metric(("open",), self.unseen)
        alerts.add_metric(("acknowledged",), self.standing - self.unseen)
        yield alerts
        doors = GaugeMetricFamily(
            "portal_company_sign_in_failing",
            "1 while a company's own sign-in lets nobody in",
            labels=("account",),
        )
        for account in self.closed:
            doors.add_metric((account,), 1)
        yield doors


def exposed(found: Sequence[Health], standing: int, unseen: int, closed: Sequence[str] = ()) -> bytes:
    """In Prometheus' own words."""
    registry = CollectorRegistry()
    registry.register(Connections(found, unseen, standing, closed))
    return generate_latest(registry)
