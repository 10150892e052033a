"""Signing in with more than a password, and proving once more who one is: with passkeys that truly sign."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from tests.approvals_pages.office import KLAUS
from tests.factors.conftest import House, options_of, secret_on
from tests.routes.cast import PASSWORD

HERE = "/settings/security"


def test_a_passkey_is_added_and_signs_in_alone(house: House) -> None:
    email, key = house.person("Karla"), house.key(counts=True)
    karla = house.signed_in(email)
    added = karla.make_passkey(key, "Karla's phone")
    assert karla.at(added) == f"{HERE}/codes?first=1", "codes come next"
    assert "Karla&#39;s phone" in karla.go(HERE).answer.text
    assert house.told(email) == ["passkey_added"]

    door = house.door()
    options = door.client.get("/sign-in/passkey").json()
    assert "allowCredentials" not in options or not options["allowCredentials"], "it names nobody"
    form = {"_csrf": door.token(), "next": "/settings/security", "passkey": key.use(options)}
    entered = door.client.post("/sign-in/passkey", data=form)
    assert door.at(entered) == "/settings/security"
    assert "Last used" in door.go(HERE).answer.text

    again = house.door()
    again.client.cookies.set("visitor", dict(door.client.cookies)["visitor"])
    replayed = again.client.post("/sign-in/passkey", data=form | {"_csrf": again.token()})
    assert replayed.status_code == 422, "an answer is good once"
    assert not again.is_in()
    thief = house.door()
    stolen = thief.client.post("/sign-in/passkey", data=form | {"_csrf": thief.token()})
    assert stolen.status_code == 422, "and in the browser that asked only"


def test_after_the_password_an_app_is_asked_for_and_nobody_is_in_before(house: House) -> None:
    email = house.person("Tomas")
    tomas = house.signed_in(email)
    secret = tomas.set_up_app()
    assert house.told(email) == ["authenticator_added"]
    tomas.post("/sign-out")

    door = house.door()
    assert door.at(door.sign_in(email, following="/settings")) == "/sign-in/second"
    assert not door.is_in(), "half of it is no session"
    assert "session" not in door.client.cookies
    # Of the step in which it was set up: by now it may be the next one's turn.
    step = house.sql(
        "select a.last_step from authenticator a join person p on p.id = a.person_id where p.email = $1",
        email,
    )
    used = pyotp.TOTP(secret).at(step * 30)
    sheet = door.go("/sign-in/second").send("/sign-in/second", 422, code=used)
    assert "was used before" in sheet.text, "the code that set it up is used up"
    house.let_codes_pass(email)
    with ThreadPoolExecutor(4) as hands:
        form = door.go("/sign-in/second").form("/sign-in/second").fields | {"code": pyotp.TOTP(secret).now()}
        answers = list(hands.map(lambda _: door.client.post("/sign-in/second", data=form), range(4)))
    assert sorted(answer.headers.get("location", "") for answer in answers).count("/settings") == 1
    assert door.is_in()
    assert house.sql("select factors from login order by id desc limit 1") == ["password", "totp"]


def test_wrong_codes_are_counted_and_the_owner_of_the_password_is_told(house: House) -> None:
    email = house.person("Vera")
    vera = house.signed_in(email)
    secret, phone = vera.set_up_app(), house.key()
    vera.make_passkey(phone)
    house.let_codes_pass(email)
    thief = house.door()
    thief.sign_in(email)
    form = thief.go("/sign-in/second").form("/sign-in/second").fields
    statuses = [
        thief.client.post("/sign-in/second", data=form | {"code": f"{n:06}"}).status_code for n in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2
    assert house.told(email)[-1] == "guessed"
    right = {"code": pyotp.TOTP(secret).now()}
    assert thief.client.post("/sign-in/second", data=form | right).status_code == 429, (
        "not even the right one"
    )
    vera.post("/sign-out")
    vera.sign_in(email)
    entered = vera.go("/sign-in/second").post("/sign-in/second", **right)
    assert entered.status_code == 303, "a browser that its owner has signed in with is counted by itself"
    door = house.door()
    door.sign_in(email)
    page = door.go("/sign-in/second")
    answer = phone.use(options_of(page.answer.text))
    entered = door.client.post(
        "/sign-in/second", data=page.form("/sign-in/second").fields | {"passkey": answer}
    )
    assert entered.status_code == 303, "nobody can guess a passkey: it is in nobody's way"
    assert door.is_in()


def test_recovery_codes_are_shown_once_and_each_stands_in_once(house: House) -> None:
    email = house.person("Rosa")
    rosa = house.signed_in(email)
    rosa.set_up_app()
    codes = rosa.codes()
    assert len(codes) == 10
    assert codes[0] not in rosa.go(f"{HERE}/codes").answer.text
    assert not house.sql(
        "select count(*) from recovery_code where sha256 = sha256($1::bytea)", codes[0].encode()
    )

    def enter(code: str) -> int:
        door = house.door()
        door.sign_in(email)
        return door.go("/sign-in/second").post("/sign-in/second", recovery=code).status_code

    assert enter(codes[3].lower().replace("-", "  ")) == 303
    assert enter(codes[3]) == 422, "used up"
    assert "9 of 10 are left" in rosa.go(HERE).text
    assert house.told(email)[-1] == "code_used"
    rosa.codes()
    assert enter(codes[4]) == 422, "new ones take the place of all"


def test_who_needs_a_second_factor_gets_in_with_one_only_and_keeps_it(house: House) -> None:
    house.office.world.account("STRICT", name="Strict Ltd")
    email = house.person("Selma", account="STRICT")
    house.sql("update account set needs_second_factor = true where number = 'STRICT'")
    door = house.door()
    assert door.at(door.sign_in(email)) == "/sign-in/enrol"
    assert not door.is_in()
    page = door.go("/sign-in/enrol")
    secret = secret_on(page.answer.text)
    form = next(form.fields for form in page.forms if "sealed" in form.fields)
    wrong = door.client.post("/sign-in/enrol", data=form | {"code": "000000"})
    assert secret_on(wrong.text) == secret, "the picture stays the same"
    entered = door.client.post("/sign-in/enrol", data=form | {"code": pyotp.TOTP(secret).now()})
    assert door.at(entered) == f"{HERE}/codes"
    assert door.is_in()
    refused = door.go(HERE).send("/authenticator/removal", 409)
    assert "this is your last one" in refused.text
    key = house.key()
    door.make_passkey(key)
    assert door.go(HERE).post("/authenticator/removal").status_code == 303
    assert house.told(email) == ["authenticator_added", "passkey_added", "authenticator_removed"]


def test_a_password_is_changed_with_the_one_before_and_signs_out_everywhere_else(house: House) -> None:
    email = house.person("Paula")
    here, elsewhere = house.signed_in(email), house.signed_in(email)
    new = "eleven purple lighthouses"
    sheet = here.go(HERE)
    assert "not your password" in sheet.send("/password", 422, password="a guess", new=new).text
    said = sheet.send("/password", 422, password=PASSWORD, new="Paula-Nordwind-1").text
    assert "made of a name that anybody knows" in said
    assert sheet.post("/password", password=PASSWORD, new=new).status_code == 303
    assert here.is_in()
    assert not elsewhere.is_in()
    assert house.told(email) == ["password_changed"]
    assert house.door().sign_in(email).status_code == 422
    assert house.door().sign_in(email, new).status_code == 303


def test_what_was_begun_with_the_former_password_opens_nothing(house: House) -> None:
    email = house.person("Pia")
    pia = house.signed_in(email)
    secret = pia.set_up_app()
    thief = house.door()
    assert thief.at(thief.sign_in(email)) == "/sign-in/second", "who knows the password, and not the rest yet"
    house.sql(
        """insert into entry_link (sha256, person_id, kind, made_at, expires_at)
           select sha256('a key in a mail'), id, 'reset', now(), now() + interval '1 hour' from person
           where email = $1""",
        email,
    )
    before = dict(pia.client.cookies)["session"]
    changed = pia.go(HERE).post("/password", password=PASSWORD, new="eleven purple lighthouses")
    assert changed.status_code == 303
    assert pia.is_in()
    assert dict(pia.client.cookies)["session"] != before
    assert not house.sql(
        "select count(*) from entry_link l join person p on p.id = l.person_id where p.email = $1", email
    )
    house.let_codes_pass(email)
    form = {"_csrf": thief.token(), "code": pyotp.TOTP(secret).now()}
    assert thief.at(thief.client.post("/sign-in/second", data=form)) == "/sign-in"
    assert not thief.is_in()


def test_who_was_to_set_up_a_factor_shows_the_one_that_was_set_up_meanwhile(house: House) -> None:
    house.office.world.account("SLOW", name="Slow Ltd")
    email = house.person("Sonja", account="SLOW")
    sonja = house.signed_in(email)
    house.sql("update account set needs_second_factor = true where number = 'SLOW'")
    thief = house.door()
    assert thief.at(thief.sign_in(email)) == "/sign-in/enrol"
    page = thief.go("/sign-in/enrol")
    secret = secret_on(page.answer.text)
    form = next(form.fields for form in page.forms if "sealed" in form.fields)
    sonja.set_up_app()
    late = thief.client.post("/sign-in/enrol", data=form | {"code": pyotp.TOTP(secret).now()})
    assert thief.at(late) == "/sign-in"
    assert not thief.is_in()
    assert house.told(email) == ["authenticator_added"], "and not replaced"


def test_a_secret_needs_a_fresh_proof_and_what_was_typed_goes_on_after_it(house: House) -> None:
    email = house.person("Tina")
    tina = house.signed_in(email)
    form = tina.go("/settings/tokens").form("/settings/tokens").fields | {"name": "Warehouse robot"}
    house.let_proofs_age(email)
    before = dict(tina.client.cookies)["session"]
    led = tina.client.post("/settings/tokens", data=form)
    assert tina.at(led).startswith("/prove?kept=")
    assert not house.sql("select count(*) from token where name = 'Warehouse robot'")
    prove = tina.read(led)
    assert "kept" in prove.text
    assert prove.send("/prove", 422, password="not it").answer.status_code == 422
    on = prove.send("/prove", password=PASSWORD)
    assert dict(tina.client.cookies)["session"] != before, "the session's id has changed"
    made = on.send("/settings/tokens")
    assert "The token is made" in made.text
    assert house.sql("select count(*) from token where name = 'Warehouse robot'") == 1
    old = house.door()
    old.client.cookies.set("session", before)
    assert not old.is_in(), "the former id opens nothing"
    stale = tina.client.post(
        "/settings/tokens", data=form | {"name": "From another window", "form": "another"}
    )
    assert stale.status_code == 200, "a form that was drawn before is still ours"


def test_somebody_elses_kept_form_leads_nowhere(house: House) -> None:
    email, other = house.person("Olga"), house.person("Oskar")
    olga, oskar = house.signed_in(email), house.signed_in(other)
    form = olga.go("/settings/tokens").form("/settings/tokens").fields | {"name": "Olga's"}
    house.let_proofs_age(email)
    kept = olga.at(olga.client.post("/settings/tokens", data=form))
    assert oskar.client.get(kept).status_code == 303, "fresh: but there is nothing of theirs to go on with"
    assert "Olga" not in oskar.go("/prove?next=/settings").text
    for far in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert oskar.at(oskar.client.get("/prove", params={"next": far})) == "/"


def test_the_strongest_that_somebody_holds_is_what_proves_it(house: House) -> None:
    email, key = house.person("Berta"), house.key()
    berta = house.signed_in(email)
    berta.make_passkey(key)
    berta.set_up_app()
    house.let_proofs_age(email)
    page = berta.go(f"{HERE}/authenticator")
    assert "Is it you?" in page.text
    form = page.form("/prove").fields
    assert berta.client.post("/prove", data=form | {"password": PASSWORD}).status_code == 422
    proved = berta.client.post("/prove", data=form | {"passkey": key.use(options_of(page.answer.text))})
    assert berta.at(proved) == f"{HERE}/authenticator"
    assert berta.client.get(f"{HERE}/authenticator").status_code == 200


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_a_decision_above_the_limit_needs_a_fresh_proof_and_below_it_none(house: House, many: bool) -> None:
    house.sql("update account set step_up_above = 5000 where number = 'NORDWIND'")
    klaus, office = house.signed_in(KLAUS), house.office
    small, _ = office.asked({"BOLT": 2000})
    large, _ = office.asked({"BOLT": 6000})
    house.let_proofs_age(KLAUS)

    def decide(order: dict[str, object]) -> object:
        path = f"/approvals/{office.request(order)}"
        if not many:
            fields = klaus.go(path).form("/decisions").fields
            return klaus.client.post(f"{path}/decisions", data=fields | {"do": "approve", "sure": "1"})
        version = klaus.go(path).form("/decisions").fields["version"]
        row = f"{path.rpartition('/')[2]}:{version}"
        fields = klaus.go("/approvals").form("/approvals/decisions").fields
        return klaus.client.post(
            "/approvals/decisions", data=fields | {"row": row, "do": "approve", "sure": "1"}
        )

    below = decide(small)
    assert not klaus.at(below).startswith("/prove")  # type: ignore[arg-type]
    above = decide(large)
    assert klaus.at(above).startswith("/prove?kept=")  # type: ignore[arg-type]
    assert office.state(large) == "pending_approval"
    on = klaus.read(above).send("/prove", password=PASSWORD)  # type: ignore[arg-type]
    done = on.post("/decisions")
    assert done.status_code == 303, done.text
    if not many:
        assert office.state(large) == "open"


def test_from_a_mail_nobody_decides_on_so_much(house: House) -> None:
    house.sql("update account set step_up_above = 5000 where number = 'NORDWIND'")
    order, path = house.office.asked({"BOLT": 7000})
    link = house.mailed_link(path.rpartition("/")[2], KLAUS)
    door = house.door()
    page = door.go(link)
    assert "So much is decided in the portal" in page.text
    assert not [form for form in page.forms if form.action == link]
    answer = door.client.post(link, data={"_csrf": door.token(), "what": "approve", "version": "1"})
    assert answer.status_code == 409
    assert house.office.state(order) == "pending_approval"


def test_what_a_form_of_nobody_says_is_refused_quietly(house: House) -> None:
    door = house.door()
    for path in ("/sign-in/second", "/sign-in/enrol"):
        assert door.at(door.client.get(path)) == "/sign-in"
        assert door.at(door.client.post(path, data={"_csrf": door.token()})) == "/sign-in"
    for junk in ("", "{}", "[1]", "\x00", '{"id": 1, "response": {"clientDataJSON": "e30"}}'):
        form = {"_csrf": door.token(), "passkey": junk}
        assert door.client.post("/sign-in/passkey", data=form).status_code == 422
    email = house.person("Junk")
    some = house.signed_in(email)
    assert some.go(HERE).form("/password").fields["_csrf"]
    form = some.go(f"{HERE}/authenticator").form("/authenticator").fields
    for sealed in ("", "x", form["sealed"][:-2], "\x00"):
        assert (
            some.client.post(f"{HERE}/authenticator", data=form | {"sealed": sealed, "code": "1"}).status_code
            == 422
        )
    assert some.client.post(f"{HERE}/passkeys/%20%21/removal", data=form).status_code == 404


def test_an_administrator_takes_away_what_somebody_has_lost(house: House) -> None:
    email, admin = house.person("Lotte"), house.person("Arno")
    lotte, arno = house.signed_in(email), house.signed_in(admin)
    lotte.set_up_app()
    lotte.codes()
    person = house.sql("select id from person where email = $1", email)
    sheet = arno.go(f"/settings/people/{person}")
    done = sheet.send("/factors")
    assert "Their second factors are removed" in done.text
    assert not lotte.is_in(), "whoever has the lost device is not in any more"
    assert house.signed_in(email).is_in(), "the password alone is asked for"
    assert house.told(email)[-1] == "factors_removed"
    assert (
        house.sql("select action from audit_entry where subject = $1 order by sequence desc limit 1", email)
        == "member.factors_removed"
    )
    own = house.sql("select id from person where email = $1", admin)
    arno.set_up_app()
    assert not [form for form in arno.go(f"/settings/people/{own}").forms if form.action.endswith("/factors")]
