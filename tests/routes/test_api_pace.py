"""A system that hurries is told to wait, and for how long."""

from collections.abc import Callable

from tests.portals import Portal


def test_an_accounts_token_that_hurries_is_told_when_to_come_back(
    start_portal: Callable[..., Portal],
) -> None:
    portal = start_portal(environment={"PORTAL_API_REQUESTS_PER_MINUTE": "60"})
    address = {"lines": ["1 Dock Road"], "city": "Leeds", "country": "GB"}
    ship_to = {"code": "LEEDS", "name": "Leeds", "address": address}
    account = {"name": "Hasty", "currency": "GBP", "ship_tos": [ship_to]}
    assert portal.erp.put("/accounts/HASTY", json=account).status_code == 201
    hasty = portal.client(portal.token(account="HASTY"))

    answers = [hasty.get("/orders") for _ in range(25)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 10
    assert refused[0].headers["content-type"].startswith("application/problem+json")
    assert all(portal.erp.get("/orders").status_code == 200 for _ in range(25)), (
        "the supplier's may hurry here"
    )
