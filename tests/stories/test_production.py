"""In production there are no stories, and no page of ours may stand within another."""

from collections.abc import Callable

import pytest

from portal import letterhead
from tests.portals import Portal
from tests.routes.cast import guest

PRODUCTION = {"PORTAL_MODE": "production", "PORTAL_SECRET_KEY": "s" * 32, **letterhead.DEMO}


@pytest.fixture(scope="module")
def real(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(environment=PRODUCTION)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/demo"),
        ("GET", "/demo/a-short-delivery"),
        ("POST", "/demo/a-short-delivery/plays"),
        ("POST", "/demo/a-short-delivery/steps"),
        ("POST", "/demo/real-time"),
    ],
)
def test_there_is_no_such_page(real: Portal, method: str, path: str) -> None:
    somebody = guest(real)
    form = {"_csrf": somebody.token()} if method == "POST" else None
    answer = somebody.client.request(method, path, data=form)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


@pytest.mark.parametrize("path", ["/orders", "/orders/SO-2026-000001", "/sign-in", "/demo"])
def test_no_page_stands_within_another(real: Portal, path: str) -> None:
    headers = guest(real).client.get(path).headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "frame-src" not in headers["content-security-policy"]


def test_no_page_leads_there(real: Portal) -> None:
    assert "/demo" not in guest(real).client.get("/sign-in").text
