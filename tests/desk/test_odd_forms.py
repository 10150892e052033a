"""What no browser of ours would send: refused in words, and never as a fault of the portal."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import httpx
import pytest

from tests.desk.floor import Floor, furnish, now
from tests.portals import Portal


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    return furnish(portal)


def send(floor: Floor, path: str, **fields: str | list[str]) -> httpx.Response:
    guest = floor.person()
    return guest.client.post(path, data={"_csrf": guest.token("/desk/ready"), **fields})


@pytest.mark.parametrize(
    "path",
    [
        "/desk/orders/%00",
        "/desk/shipments/%00",
        "/desk/stock/%00?done=x",
        "/desk/queue/%00",
        "/desk/inbound/%00/%00?after=99999999999",
        "/orders/%00/pick-list.pdf",
        "/shipments/%00/packing-list.pdf",
        "/orders/%00/offers/1",
    ],
)
def test_an_address_that_no_database_can_hold_is_the_readers_mistake(floor: Floor, path: str) -> None:
    assert floor.person().client.get(path).status_code == 400


def test_the_work_page_knows_no_line_of_so_many_digits(floor: Floor) -> None:
    order = floor.order(("BOLT", 10))
    floor.world.pick(order, "MAIN", {1: 1})
    fields = {"form": "abcdefgh", "do": "pick", "version": "0", "quantity-999999999999999": "1"}
    assert send(floor, f"/desk/orders/{order['number']}", **fields).status_code == 422
    assert floor.stages(order) == {"allocated": "9", "picking": "1"}


def test_a_bulk_run_is_asked_for_in_letters_that_can_be_stored(floor: Floor) -> None:
    order = floor.order(("BOLT", 10))
    row = f"{order['number']}/parcel/MA\x00IN"
    assert send(floor, "/desk/ready", form="abcdefgh", do="pick", row=row).status_code == 422
    holds = [floor.world.hold(order, reason) for reason in ("manual", "quality")]
    ticked = {f"hold-{hold}": "on" for hold in holds}
    assert send(floor, "/desk/holds/releases", form="abc\x00defgh", **ticked).status_code == 422
    assert floor.person().client.get("/desk/ready?after=2026-01-01_1_parcel_%00").status_code == 200


def test_a_form_that_comes_again_with_other_ticks_does_not_pass_for_the_first(floor: Floor) -> None:
    first, second = (f"{floor.order(('BOLT', 10))['number']}/parcel/MAIN" for _ in range(2))
    form = {"form": "thesameform", "do": "pick"}
    run = send(floor, "/desk/ready", **form, row=first).headers["location"]
    assert send(floor, "/desk/ready", **form, row=first).headers["location"] == run
    other = send(floor, "/desk/ready", **form, row=[first, second])
    assert other.status_code == 422
    assert "This form was sent before, for something else" in other.text
    assert send(floor, "/desk/ready", form="thesameform", do="pack", row=first).status_code == 422


def test_a_transfer_does_not_take_until_the_end_of_time(floor: Floor) -> None:
    order = floor.order(("BOLT", 10))
    move = {"form": "abcdefgh", "version": "99", "reason": "contract", "how": "transfer", "quantity": "1"}
    places = {"from_location": "MAIN", "to_location": "NORTH", "by_transfer_on": "9999-12-31"}
    answer = send(floor, f"/desk/orders/{order['number']}/lines/1/move", **move, **places)
    assert answer.status_code == 422
    assert "more than ten years away" in answer.text


def test_whoever_waits_too_long_for_somebody_else_is_asked_to_try_again(floor: Floor) -> None:
    order = floor.order(("BOLT", 10))
    guest, path = floor.person(), f"/desk/orders/{order['number']}/lines/1/priority"
    form = {"_csrf": guest.token("/desk/ready"), "form": "abcdefgh", "version": "99"}

    async def while_somebody_works_on_it() -> httpx.Response:
        connection = await asyncpg.connect(floor.portal.database_url)
        async with connection.transaction():
            await connection.execute("select 1 from orders where number = $1 for update", order["number"])
            with ThreadPoolExecutor(1) as thread:
                loop = asyncio.get_running_loop()
                data = {**form, "reason": "safety", "back": "1"}
                answer = await loop.run_in_executor(
                    thread, lambda: guest.client.post(path, data=data, timeout=30)
                )
        await connection.close()
        return answer

    answer = now(while_somebody_works_on_it())
    assert answer.status_code == 503
    assert "Try again in a moment" in answer.text
