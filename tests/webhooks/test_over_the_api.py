"""Endpoints over the API: who may arrange what, secrets that are told once, deliveries, replays."""

from dataclasses import dataclass

import asyncpg
import httpx
import pytest

from portal.adapters.sealed import unseal
from portal.db.work import Pool
from tests.portals import Portal
from tests.scenarios.driver import Json, World, problem

HERE = "http://127.0.0.1:9/hook"


@dataclass
class House:
    """A group with a subsidiary, somebody else, and a token of each."""

    portal: Portal
    world: World
    group: httpx.Client
    below: httpx.Client
    stranger: httpx.Client

    def endpoint(self, client: httpx.Client | None = None, **more: object) -> Json:
        answer = (client or self.group).post("/webhook-endpoints", json={"url": HERE, **more})
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    def deliveries(self, endpoint: Json, **query: str) -> list[Json]:
        found: list[Json] = self.portal.erp.get(
            f"/webhook-endpoints/{endpoint['id']}/deliveries", params=query
        ).json()["items"]
        return found


@pytest.fixture(scope="module")
def house(portal: Portal) -> House:
    world = World(portal)
    world.shop({"BOLT": 100_000})
    world.account("GROUP")
    world.account("BELOW", parent="GROUP")
    world.account("OTHER")
    clients = (portal.client(portal.token(name, ["orders:read"])) for name in ("GROUP", "BELOW", "OTHER"))
    return House(portal, world, *clients)


@pytest.fixture(autouse=True)
def _tidied(house: House) -> None:
    for one in house.portal.erp.get("/webhook-endpoints").json()["items"]:
        assert house.portal.erp.delete(f"/webhook-endpoints/{one['id']}").status_code == 204


async def test_a_secret_is_told_once_and_kept_sealed(house: House, portal_pool: Pool) -> None:
    key = {"Idempotency-Key": "make-one"}
    first = house.group.post("/webhook-endpoints", json={"url": HERE}, headers=key)
    again = house.group.post("/webhook-endpoints", json={"url": HERE}, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    made = first.json()
    assert made["secret"].startswith("whsec_")
    assert again.json() == made
    assert made["account"] == "GROUP"
    read = house.group.get(f"/webhook-endpoints/{made['id']}").json()
    assert read == {name: value for name, value in made.items() if name != "secret"}
    kept = await portal_pool.fetchval("select body from answer where path like '%/webhook-endpoints'")
    assert made["secret"].encode() not in kept
    sealed = await portal_pool.fetchval("select sealed from connection_secret")
    assert unseal(sealed, house.portal.settings.secret_key) == made["secret"]


async def test_two_secrets_sign_for_a_day_after_a_rotation(house: House, portal_pool: Pool) -> None:
    made = house.endpoint()
    for _ in range(2):
        turned = house.group.post(f"/webhook-endpoints/{made['id']}/secret-rotation")
        assert turned.status_code == 200, turned.text
    assert turned.json()["secret"] != made["secret"]
    assert turned.json()["old_secret_until"] is not None
    # Whoever presses twice has three: what the receiver still has keeps its day.
    until = await portal_pool.fetch(
        "select retires_at - made_at as signs from connection_secret where connection_id = $1 order by id",
        made["id"],
    )
    assert [row["signs"] is None for row in until] == [False, False, True]
    assert all(abs(row["signs"].total_seconds() - 86_400) < 60 for row in until[:2])

    for _ in range(5):
        assert house.group.post(f"/webhook-endpoints/{made['id']}/secret-rotation").status_code == 200
    problem(house.group.post(f"/webhook-endpoints/{made['id']}/secret-rotation"), 409, "8 secrets")


def test_what_is_wrong_with_an_endpoint_is_said_at_its_place(house: House) -> None:
    def refused(**body: object) -> httpx.Response:
        return house.group.post("/webhook-endpoints", json={"url": HERE, **body})

    problem(refused(url="http://portal.example/hook"), 422, pointer="/url")
    problem(refused(url="https://10.0.0.1/"), 422, pointer="/url")
    problem(refused(types=["order.placed", "order.lost"]), 422, "order.lost", pointer="/types/1")
    problem(refused(types=[]), 422, pointer="/types")
    problem(refused(account="OTHER"), 422, pointer="/account")
    problem(refused(colour="red"), 400)
    assert house.endpoint(types=["order.placed"] * 2)["types"] == ["order.placed"]


def test_an_endpoint_belongs_to_its_account_and_those_above_it(house: House) -> None:
    made = house.endpoint(house.below)
    path = f"/webhook-endpoints/{made['id']}"
    assert house.group.get(path).status_code == 200
    assert house.endpoint(house.group, account="BELOW")["account"] == "BELOW"
    for ask in (
        lambda: house.stranger.get(path),
        lambda: house.stranger.delete(path),
        lambda: house.stranger.patch(path, json={"state": "paused"}),
        lambda: house.stranger.post(f"{path}/secret-rotation"),
        lambda: house.stranger.post(f"{path}/test"),
        lambda: house.stranger.post(f"{path}/replay", json={"event": "evt_1"}),
        lambda: house.stranger.get(f"{path}/deliveries"),
    ):
        problem(ask(), 404)
    mine = house.endpoint(house.group)
    problem(house.below.get(f"/webhook-endpoints/{mine['id']}"), 404)
    assert house.stranger.get("/webhook-endpoints").json()["items"] == []


def test_the_suppliers_tokens_need_the_scope_and_may_hear_of_all(house: House) -> None:
    reader = house.portal.client(house.portal.token(scopes=["orders:read"]))
    problem(reader.post("/webhook-endpoints", json={"url": HERE}), 403, "webhooks:write")
    problem(reader.get("/webhook-endpoints"), 403)
    writer = house.portal.client(house.portal.token(scopes=["webhooks:write"]))
    assert house.endpoint(writer)["account"] is None
    order = house.world.order("BELOW", [("BOLT", 1)])["number"]
    [endpoint] = writer.get("/webhook-endpoints").json()["items"]
    told = house.deliveries(endpoint)
    assert {(one["account"], one["order"]) for one in told} == {("BELOW", order)}


def test_events_are_queued_for_whom_they_concern(house: House) -> None:
    group, below = house.endpoint(house.group), house.endpoint(house.below, types=["order.placed"])
    stranger = house.endpoint(house.stranger)
    house.world.order("BELOW", [("BOLT", 1)])
    feed = house.below.get("/events", params={"limit": 200}).json()["items"]
    queued = [one["event"] for one in reversed(house.deliveries(group))]
    assert queued == [one["id"] for one in feed][-len(queued) :]
    [placed] = house.deliveries(below)
    assert placed["type"] == "order.placed"
    assert placed["webhook_id"] == placed["event"]
    assert placed["state"] == "waiting"
    assert house.deliveries(stranger) == []


def test_a_period_is_replayed_once_for_each_event(house: House) -> None:
    house.world.order("GROUP", [("BOLT", 1)])
    endpoint = house.endpoint(house.group, types=["order.placed", "portion.allocated"])
    replay = f"/webhook-endpoints/{endpoint['id']}/replay"
    many = house.group.post(replay, json={"since": "2026-11-18T00:00:00Z"}).json()["replayed"]
    told = house.deliveries(endpoint)
    assert len(told) == many > 0
    assert {one["type"] for one in told} == {"order.placed", "portion.allocated"}
    for account in ("GROUP", "BELOW"):
        sequences = [one["sequence"] for one in reversed(told) if one["account"] == account]
        assert sequences == sorted(set(sequences))
    again = house.group.post(replay, json={"event": told[0]["event"]})
    assert again.json() == {"replayed": 1}
    assert len(house.deliveries(endpoint)) == many
    assert house.deliveries(endpoint)[0]["replays"] == 2, "each time that somebody asked for it"
    problem(house.group.post(replay, json={"event": "evt_99999999"}), 422, pointer="/event")
    for odd in ({}, {"event": "evt_1", "state": "dead"}, {"state": "dead", "until": "2026-11-18T00:00:00Z"}):
        problem(house.group.post(replay, json=odd), 422)
    before = {"since": "2026-11-18T00:00:00Z", "until": "2026-11-17T00:00:00Z"}
    problem(house.group.post(replay, json=before), 422, pointer="/until")


def test_a_replay_leaves_out_what_the_account_does_not_see(house: House) -> None:
    house.world.order("OTHER", [("BOLT", 1)])
    foreign = house.stranger.get("/events").json()["items"][0]["id"]
    endpoint = house.endpoint(house.group)
    replay = f"/webhook-endpoints/{endpoint['id']}/replay"
    problem(house.group.post(replay, json={"event": foreign}), 422)
    house.group.post(replay, json={"since": "2026-01-01T00:00:00Z"})
    assert {one["account"] for one in house.deliveries(endpoint)} <= {"GROUP", "BELOW"}


def test_paused_loses_nothing_disabled_keeps_nothing(house: House) -> None:
    endpoint = house.endpoint(house.group, types=["order.placed"])
    path = f"/webhook-endpoints/{endpoint['id']}"
    assert house.group.patch(path, json={"state": "paused"}).json()["state"] == "paused"
    house.world.order("GROUP", [("BOLT", 1)])
    assert len(house.deliveries(endpoint)) == 1
    off = house.group.patch(path, json={"state": "disabled"}).json()
    assert off["disabled_because"] == "by_hand"
    assert off["disabled_at"] is not None
    house.world.order("GROUP", [("BOLT", 1)])
    assert len(house.deliveries(endpoint)) == 1
    problem(house.group.post(f"{path}/test"), 409)
    assert house.group.patch(path, json={"state": "active", "types": None}).json()["types"] is None
    missed = house.group.post(f"{path}/replay", json={"since": off["disabled_at"]}).json()["replayed"]
    assert missed > 1
    assert house.group.delete(path).status_code == 204
    problem(house.group.get(path), 404)


def test_a_test_says_that_it_is_one(house: House) -> None:
    endpoint = house.endpoint()
    made = house.group.post(f"/webhook-endpoints/{endpoint['id']}/test")
    assert made.status_code == 201
    told = made.json()
    assert told["type"] == "endpoint.test"
    assert told["webhook_id"] == f"test_{told['id']}"
    assert told["event"] is None


async def test_long_answers_make_short_pages(house: House, portal_pool: Pool) -> None:
    endpoint = house.endpoint()
    await portal_pool.execute(
        """with made as (insert into delivery (connection_id, type, due_at, state)
               select $1, 'endpoint.test', now(), 'dead' from generate_series(1, 30) returning id)
           insert into delivery_attempt (delivery_id, number, at, status, response_body)
           select id, n, now(), 500, repeat('x', 20000) from made, generate_series(1, 10) n""",
        endpoint["id"],
    )
    path = f"/webhook-endpoints/{endpoint['id']}/deliveries"
    seen: list[str] = []
    cursor = None
    while True:
        answer = house.group.get(path, params={"state": "dead"} | ({"cursor": cursor} if cursor else {}))
        assert len(answer.content) < 1_500_000
        told = answer.json()
        seen += [one["id"] for one in told["items"]]
        if (cursor := told["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == 30
    assert [one["number"] for one in told["items"][0]["attempts"]] == list(range(1, 11))
    again = house.group.post(f"/webhook-endpoints/{endpoint['id']}/replay", json={"state": "dead"})
    assert again.json() == {"replayed": 30}
    assert house.group.get(path, params={"state": "dead"}).json()["items"] == []


async def test_it_is_noted_how_far_a_system_has_read(house: House, portal_pool: Pool) -> None:
    async def noted() -> asyncpg.Record:
        return await portal_pool.fetchrow(
            "select r.account, r.read_to from feed_reader r join token t on t.id = r.token_id where t.account = 'GROUP'"
        )

    house.group.get("/events", params={"after": "1"})
    assert tuple(await noted()) == ("GROUP", 1)
    house.group.get("/events", params={"after": "2"})
    assert tuple(await noted()) == ("GROUP", 2)
