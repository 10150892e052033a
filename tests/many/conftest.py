"""A site of many processes, shared by the tests of a file."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fire.shop import Shop
from tests.fixtures import supplier_token
from tests.many.site import HAPROXY, Site, site
from tests.servers import Servers


@pytest.fixture(scope="module")
def many(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if HAPROXY is None:
        pytest.skip("there is no haproxy here: `make test` as root installs it where there is apt-get")
    with ThreadPoolExecutor(1) as thread:
        url = thread.submit(asyncio.run, servers.create_database()).result()
        home = tmp_path_factory.mktemp("many")
        found = site(home, url, servers.valkey_database(), supplier_token(url))
        try:
            found.open()
            yield found
            found.portal.check()
        finally:
            found.stop()
            found.portal.stop()
            thread.submit(asyncio.run, servers.drop_database(url)).result()


@pytest.fixture(scope="module")
def shop(many: Site) -> Shop:
    found = Shop(many.portal, "MANY")
    found.open("BOLT", on_hand=100_000)
    found.put(
        f"/accounts/{found.code('BUYER')}/users/petra@many.example",
        {"name": "Petra", "roles": ["buyer"], "password": "a long password for everybody"},
    )
    return found
