"""How an account is looked after: on its page and over the API, and what the account alone decides."""

from tests.accounts.conftest import JO, NOOR, Rooms
from tests.routes import cast
from tests.scenarios.driver import Json


def told(rooms: Rooms, number: str = "NORDWIND") -> Json:
    found = rooms.world.get(f"accounts/{number}")
    return {name: found[name] for name in ("manager", "silence_days", "impersonation", "erp_number")}


def test_what_is_kept_on_the_page_holds_and_hands_the_tasks_over(rooms: Rooms) -> None:
    page = rooms.sheet("/accounts/NORDWIND")
    done = page.send("/settings", manager=NOOR, silence_days=9, erp_number="C-0017")
    assert "It holds from now on." in done.text
    assert told(rooms) == {
        "manager": NOOR, "silence_days": 9, "impersonation": "read", "erp_number": "C-0017",
    }  # fmt: skip
    tasks = "select count(*) from task t join person p on p.id = t.person_id where p.email = $1 and t.state = 'open'"
    assert (rooms.sql(tasks, JO), rooms.sql(tasks, NOOR) > 0) == (0, True)
    kept = rooms.sql(
        "select body::text from audit_entry where action = 'account.arranged' order by id desc limit 1"
    )
    assert '"C-0017"' in str(kept)
    rooms.sheet("/accounts/NORDWIND").send("/settings", manager=JO, silence_days="", erp_number="")
    assert told(rooms)["silence_days"] is None


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(rooms: Rooms) -> None:
    page = rooms.sheet("/accounts/NORDWIND")
    for typed in ("0", "-1", "soon", "9999"):
        back = page.send("/settings", 422, silence_days=typed, erp_number="KEEP-ME")
        assert 'aria-describedby="silence_days-p"' in back.answer.text
        assert f'value="{typed}"' in back.answer.text
        assert 'value="KEEP-ME"' in back.answer.text
        page = rooms.sheet("/accounts/NORDWIND")
    assert "none of the supplier" in page.send("/settings", 422, manager=cast.PETRA).text
    assert told(rooms)["erp_number"] is None


def test_we_can_lower_what_we_may_see_and_only_the_account_can_raise_it(rooms: Rooms) -> None:
    page = rooms.sheet("/accounts/VELTRO")
    assert "look and order" not in page.text
    page.send("/settings", impersonation="off")
    closed = rooms.sheet("/accounts/VELTRO")
    assert "does not let us look as one of its people" in closed.text
    assert not closed.links("/accounts/VELTRO/impersonate")
    assert closed.post("/settings", impersonation="order").status_code == 403
    answer = rooms.portal.erp.put("/accounts/VELTRO", json=body("VELTRO") | {"impersonation": "read"})
    assert answer.status_code == 403
    assert told(rooms, "VELTRO")["impersonation"] == "off"


def body(name: str) -> Json:
    return {"name": name, "currency": "GBP", "tax_status": "exempt", "tax_id": "GB123456789"}


def test_the_erp_does_not_forget_what_it_does_not_know(rooms: Rooms) -> None:
    erp = rooms.portal.erp
    arranged = {"manager": JO, "silence_days": 3, "impersonation": "order", "erp_number": "4711"}
    made = erp.put("/accounts/FRESH", json=body("Fresh") | arranged)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in arranged} == arranged
    erp.put("/accounts/FRESH", json=body("Fresh again"))
    assert told(rooms, "FRESH") == arranged
    erp.put(
        "/accounts/FRESH", json=body("Fresh") | {"manager": None, "silence_days": None, "erp_number": None}
    )
    assert told(rooms, "FRESH") == {
        "manager": None, "silence_days": None, "impersonation": "order", "erp_number": None,
    }  # fmt: skip
    for nobody in ("who@nowhere.example", cast.PETRA):
        answer = erp.put("/accounts/FRESH", json=body("Fresh") | {"manager": nobody})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/manager")
    for wrong in ({"silence_days": 0}, {"impersonation": "all"}, {"silence_days": "5"}):
        assert erp.put("/accounts/FRESH", json=body("Fresh") | wrong).status_code == 400


def test_who_may_only_read_accounts_changes_nothing(rooms: Rooms) -> None:
    page = rooms.sheet("/accounts/NORDWIND", cast.DEV)
    assert not [form for form in page.forms if form.action.endswith("/settings")]
    token = rooms.sheet("/accounts/NORDWIND").form("/settings").fields
    answer = cast.at_home(rooms.portal, cast.DEV).client.post("/accounts/NORDWIND/settings", data=token)
    assert answer.status_code == 403


def test_a_task_is_done_once_with_its_note(rooms: Rooms) -> None:
    mine = rooms.sheet("/tasks")
    first = next(form.action for form in mine.forms if form.action.endswith("/completion"))
    end = first.removesuffix("/completion")
    noted = cast.at_home(rooms.portal, JO).client
    fields = mine.form(f"{end}/completion").fields | {"note": "Acme calls back at noon."}
    answer = noted.post(f"{end}/note", data=fields)
    assert answer.status_code == 303
    page = rooms.sheet("/tasks")
    assert "Acme calls back at noon." in page.answer.text
    other = rooms.sheet("/tasks")
    done = page.send(f"{end}/completion", note="Comes on Friday; told Petra.")
    assert "The task is done" in done.text
    late = other.send(f"{end}/completion", 409)
    assert "has done this already" in late.text
    assert "Comes on Friday; told Petra." in rooms.sheet("/accounts/NORDWIND").text
    assert other.guest.client.post("/tasks/x/completion", data=fields).status_code == 404
