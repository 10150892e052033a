"""The order's page as an answer: what browsers may keep, what is shown to whom, and what was read."""

import csv
import io

from tests.routes import cast
from tests.routes.conftest import House


def test_a_page_that_has_not_changed_is_not_sent_again(house: House) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    first = petra.client.get(house.path)
    assert first.headers["cache-control"] == "private, no-cache"
    again = petra.client.get(house.path, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_the_tag_changes_with_everything_that_is_shown(house: House) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)

    def tag(query: str = "") -> str:
        return petra.client.get(house.path + query).headers["etag"]

    seen = [tag(), tag("?view=arrival")]
    petra.post(f"{house.path}/visit", version="1", next=house.path)
    seen.append(tag())
    petra.post("/theme", theme="dark")
    seen.append(tag())
    house.world.cancel(house.order, {1: 1})
    seen.append(tag())
    seen.append(cast.signed_in(house.portal, cast.PETRA).client.get(house.path).headers["etag"])
    seen.append(cast.at_home(house.portal, cast.ROBIN).client.get(house.path).headers["etag"])
    assert len(set(seen)) == len(seen), "forms and names of one session would be shown in another"


def test_a_change_is_on_the_next_page(house: House) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    before = petra.client.get(house.path)
    house.world.ship(house.order, "MAIN", {1: 10}, carrier="Northline")
    after = petra.client.get(house.path, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "11</b> shipped" in after.text


def test_what_was_read_is_remembered_per_person(house: House) -> None:
    petra, robin = cast.at_home(house.portal, cast.PETRA), cast.at_home(house.portal, cast.ROBIN)
    petra.post(f"{house.path}/visit", version="99999", next=house.path)
    assert "Nothing new since" in petra.client.get(house.path).text
    assert "What has happened so far" in robin.client.get(house.path).text
    house.world.ship(house.order, "MAIN", {1: 1}, carrier="Northline")
    assert "2 changes since your last visit" in petra.client.get(house.path).text
    petra.post(f"{house.path}/visit", version="1", next=house.path)
    assert "2 changes since your last visit" in petra.client.get(house.path).text, (
        "what was read is never unread"
    )


def test_compressed_and_plain_say_the_same(house: House) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    pages = [petra.client.get(house.path, headers={"accept-encoding": e}) for e in ("br", "gzip", "identity")]
    assert [page.headers.get("content-encoding") for page in pages] == ["br", "gzip", None]
    assert len({page.text for page in pages}) == 1


def test_the_lines_as_csv_run_no_formula(house: House) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    answer = petra.client.get(f"{house.path}/lines.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["Order", "Line", "SKU"]
    skus = {row[2] for row in rows[1:]}
    assert "'=HYPERLINK" in skus
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_odd_addresses_still_open(house: House) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    for query in (
        "?view=sideways&status=<b>&open=%00,..%2F&all=2",
        "?only=open&only=closed",
        "?" + "x" * 2000,
    ):
        assert petra.client.get(house.path + query).status_code == 200


def test_orders_are_found_by_any_number(house: House) -> None:
    petra = cast.at_home(house.portal, cast.PETRA)
    for number in (house.order["number"], house.order["number"].lower(), "45001182", "BOLT"):
        assert house.order["number"] in petra.client.get("/orders", params={"q": number}).text, number
    assert "No order fits" in petra.client.get("/orders", params={"q": "'; drop table orders; --%_\\"}).text


def test_a_stranger_finds_none_of_them(house: House) -> None:
    rita = cast.at_home(house.portal, cast.RITA)
    for query in ({}, {"q": house.order["number"]}, {"account": "NORDWIND"}):
        assert house.path not in rita.client.get("/orders", params=query).text


def test_an_error_page_names_its_request(house: House) -> None:
    answer = cast.guest(house.portal).client.get("/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["x-request-id"] in answer.text
