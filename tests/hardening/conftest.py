"""A portal that writes down all that it says, with people, an order, and somebody who collects its traces."""

from collections.abc import Callable, Iterator

import pytest

from tests.hardening.collector import Collector, collecting
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World

# What must never stand in a log: each is given to the portal in the way that such things are.
ERP_TOKEN = "canary-erp-token-5d1f"
SMTP_PASSWORD = "canary-smtp-password-77ab"
SECRET_KEY = "canary-secret-key-0123456789-abcdefghij"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="module")
def talkative(start_portal: Callable[..., Portal], collector: Collector) -> Portal:
    portal = start_portal(
        worker=True,
        environment={
            "PORTAL_LOG_LEVEL": "debug",
            "PORTAL_OTEL_ENDPOINT": collector.url,
            "PORTAL_SECRET_KEY": SECRET_KEY,
            "PORTAL_ERP_URL": "http://127.0.0.1:9",
            "PORTAL_ERP_TOKEN": ERP_TOKEN,
            "PORTAL_SMTP_PORT": "9",
            "PORTAL_SMTP_USER": "portal",
            "PORTAL_SMTP_PASSWORD": SMTP_PASSWORD,
        },
    )
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.stock("MAIN", "BOLT", 500)
    world.account("NORDWIND")
    for email, roles in ((cast.PETRA, ["buyer"]), (cast.ROBIN, ["reader"])):
        who = {"name": email.split("@")[0].title(), "roles": roles, "password": cast.PASSWORD}
        world.put(f"accounts/NORDWIND/users/{email}", who)
    world.order("NORDWIND", {"BOLT": 3})
    return portal
