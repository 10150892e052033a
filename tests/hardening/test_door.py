"""Whatever is asked, and however it goes: what every answer carries, and what leads from it to the log."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest

from tests.hardening import conftest
from tests.hardening.collector import Collector, Span
from tests.hardening.wire import line, status
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest

CLIENT = 3


def until(found: Callable[[], Any], limit: float = 30) -> Any:
    """Wait for it."""
    ends = time.monotonic() + limit
    while not (seen := found()) and time.monotonic() < ends:
        time.sleep(0.1)
    return seen


def lines(portal: Portal) -> list[dict[str, Any]]:
    """The log. Every line of it is JSON, or this fails."""
    return [json.loads(said) for said in portal.said().splitlines()]


def of_request(portal: Portal, number: str) -> list[dict[str, Any]]:
    return [one for one in lines(portal) if one.get("request") == number]


@pytest.fixture(scope="module")
def petra(talkative: Portal) -> Guest:
    return cast.at_home(talkative, cast.PETRA)


ASKED = {
    "a page": ("GET", "/orders", 200),
    "a page that is not there": ("GET", "/nothing/here", 404),
    "an order of nobody": ("GET", "/orders/SO-1900-000001", 404),
    "the wrong method": ("DELETE", "/orders", 405),
    "a form that is not ours": ("POST", "/orders/SO-2026-000001/visit", 403),
    "a style sheet": ("GET", "/brand.css", 200),
    "a file that is not there": ("GET", "/static/nothing.js", 404),
    "a way out of the folder": ("GET", "/static/%2e%2e/%2e%2e/etc/passwd", 404),
    "the API's own page": ("GET", "/api/v1/docs", 200),
    "the API without a token": ("GET", "/api/v1/orders", 401),
    "no such call": ("GET", "/api/v1/nothing", 404),
    "the wrong call": ("PATCH", "/api/v1/orders", 405),
    "alive": ("GET", "/healthz", 200),
    "figures": ("GET", "/metrics", 200),
    "a table": ("GET", "/arrivals.csv", 200),
}


@pytest.mark.parametrize("what", ASKED)
def test_every_answer_is_strict(talkative: Portal, petra: Guest, what: str) -> None:
    method, path, code = ASKED[what]
    answer = petra.client.request(method, path)
    assert answer.status_code == code
    strict(answer)


def strict(answer: httpx.Response) -> None:
    """What every answer carries."""
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for directive in ("base-uri 'none'", "frame-ancestors '"):
        assert directive in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert re.fullmatch(r"[0-9a-f]{12}", answer.headers["x-request-id"])
    assert answer.headers.get_list("content-type") or answer.status_code in {204, 303, 304}
    if not answer.url.path.startswith(("/static/", "/brand.css")) or answer.status_code != 200:
        assert re.search(r"no-store|no-cache", answer.headers["cache-control"])
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers


@pytest.mark.parametrize(
    ("host", "path", "code"),
    [
        ("evil.example", "/orders", 421),
        ("evil.example", "/api/v1/orders", 421),
        ("evil.example", "/static/nothing.js", 421),
        ("127.0.0.1.evil.example", "/orders", 421),
        ("127.0.0.1@evil.example", "/orders", 421),
        ("127.0.0.1:9, evil.example", "/orders", 421),
        ("[::", "/orders", 421),
        ("", "/orders", 421),
        (None, "/orders", 421),
        ("localhost:9", "/sign-in", 200),
        # Whoever probes a machine knows it by its address.
        ("10.0.0.7:8000", "/healthz", 200),
    ],
)
def test_the_portal_answers_to_its_own_name_only(
    talkative: Portal, host: str | None, path: str, code: int
) -> None:
    said = "" if host is None else f"Host: {host}\r\n"
    with line(talkative.settings.port) as found:
        found.send(f"GET {path} HTTP/1.1\r\n{said}Connection: close\r\n\r\n".encode())
        answer = found.read(20)
    assert status(answer) == code
    assert b"content-security-policy: default-src 'none'" in answer
    assert code == 200 or b"evil" not in answer


def test_no_other_origin_is_let_in(talkative: Portal, petra: Guest) -> None:
    other = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method, path in (("GET", "/orders"), ("OPTIONS", "/orders"), ("OPTIONS", "/api/v1/orders")):
        answer = petra.client.request(method, path, headers=other)
        assert [name for name in answer.headers if name.startswith("access-control-")] == [], path


def test_no_method_shows_what_was_sent(talkative: Portal, petra: Guest) -> None:
    for method in ("TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND"):
        with line(talkative.settings.port) as found:
            found.send(
                f"{method} /orders HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Mine: 7f3a\r\nConnection: close\r\n\r\n".encode()
            )
            answer = found.read(20)
        assert status(answer) in {400, 404, 405}, (method, answer[:200])
        assert b"7f3a" not in answer


def test_an_address_that_somebody_claims_is_not_believed(talkative: Portal) -> None:
    """Who is not a balancer of ours says in vain from where it comes, and over what."""
    from portal.settings import Settings

    production = Settings.from_env({"PORTAL_MODE": "test", "PORTAL_TRUSTED_PROXIES": "10.1.2.3"})
    assert production.trusted_proxies == "10.1.2.3"
    claimed = {"X-Forwarded-For": "8.8.8.8", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    # Through a balancer it is no neighbour any more: figures are for this machine.
    assert httpx.get(f"{talkative.base_url}/metrics", headers=claimed, trust_env=False).status_code == 404
    # What sets an address aside from that header is not read at all.
    only = {
        "X-Real-IP": "8.8.8.8",
        "Forwarded": "for=8.8.8.8",
        "X-Original-URL": "/healthz",
        "X-HTTP-Method-Override": "DELETE",
    }
    assert httpx.get(f"{talkative.base_url}/metrics", headers=only, trust_env=False).status_code == 200


def test_who_signs_in_or_tries_to_is_written_down(talkative: Portal) -> None:
    cast.guest(talkative).sign_in(cast.PETRA, "a wrong one")
    cast.signed_in(talkative, cast.PETRA)
    told = [
        one
        for one in lines(talkative)
        if one.get("logger") in {"portal.routes.sign_in", "portal.routes.signing"}
    ]
    refused = [one for one in told if one["event"] == "nobody was let in"][-1]
    assert (refused["subject"], refused["because"], refused["level"]) == (cast.PETRA, "wrong", "warning")
    let_in = [one for one in told if one["event"] == "signed in"][-1]
    assert (let_in["actor"], let_in["factors"], let_in["address"]) == (cast.PETRA, ["password"], "127.0.0.1")


def test_a_real_process_lets_the_slow_and_the_greedy_go(talkative: Portal) -> None:
    """The limits themselves are tried in test_wire.py; this shows that a web process has them."""
    port = talkative.settings.port
    with line(port) as slow, line(port) as greedy, line(port) as two_minds:
        slow.send(b"GET / HTTP/1.1\r\nHost: 127")
        greedy.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n")
        assert status(greedy.read(20)) == 431
        two_minds.send(
            b"POST /theme HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        )
        assert status(two_minds.read(20)) == 400
        assert status(slow.read(40)) == 408
    assert "/smuggled" not in talkative.said()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(talkative: Portal, petra: Guest) -> None:
    """100 MB are announced; a few thousand octets of them are all that is ever sent."""
    cookie = "; ".join(f"{name}={value}" for name, value in petra.client.cookies.items())
    for path, code in (("/theme", 413), ("/new-order/uploads", 422), ("/api/v1/orders", 401)):
        with line(talkative.settings.port) as found:
            found.send(
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: 104857600\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode()
                + b"a" * 4096
            )
            assert status(found.answer()) == code, path


@pytest.mark.parametrize(
    ("method", "path", "code", "because"),
    [
        ("GET", "/orders/SO-1900-000001", 404, "NotFound"),
        ("POST", "/theme", 403, "Forged"),
        ("GET", "/desk", 403, "Forbidden"),
        ("DELETE", "/orders", 405, "MethodNotAllowedException"),
    ],
)
def test_the_number_on_an_error_page_finds_its_line(
    talkative: Portal, petra: Guest, method: str, path: str, code: int, because: str
) -> None:
    answer = petra.client.request(method, path)
    assert answer.status_code == code
    number = re.search(r"<code>(\w+)</code>", answer.text)
    assert number is not None
    assert number[1] == answer.headers["x-request-id"]
    [said] = of_request(talkative, number[1])
    assert f"{method} {path} was answered {code}: {because}" in said["event"]
    if code != 403 or path == "/desk":
        assert said.get("actor") == (cast.PETRA if method == "GET" else None)


def test_what_breaks_says_nothing_of_itself_and_its_number_finds_the_traceback(
    talkative: Portal, petra: Guest
) -> None:
    async def rename(old: str, new: str) -> None:
        connection = await asyncpg.connect(talkative.database_url)
        await connection.execute(f"alter table {old} rename to {new}")
        await connection.close()

    import asyncio

    asyncio.run(rename("delegation", "delegation_away"))
    try:
        page = petra.client.get("/approvals")
        api = talkative.erp.get("/accounts/NORDWIND/delegations")
    finally:
        asyncio.run(rename("delegation_away", "delegation"))
    for answer in (page, api):
        assert answer.status_code == 500
        strict(answer)
        for inside in ("delegation_away", "Traceback", "asyncpg", "select "):
            assert inside not in answer.text
        said = of_request(talkative, answer.headers["x-request-id"])
        assert any("UndefinedTable" in one.get("exception", "") for one in said)
    assert page.headers["x-request-id"] in page.text


def test_a_line_tells_who_asked_and_of_which_account(talkative: Portal, petra: Guest) -> None:
    page = petra.client.get("/desk")
    [said] = of_request(talkative, page.headers["x-request-id"])
    assert (said["actor"], said["account"], said["level"]) == (cast.PETRA, "NORDWIND", "warning")
    token = talkative.token("NORDWIND", ["orders:read"])
    call = talkative.client(token).post("/products/BOLT", json={})
    call = talkative.client(token).put("/products/BOLT", json={})
    said = of_request(talkative, call.headers["x-request-id"])[-1]
    assert said["account"] == "NORDWIND"
    assert said["actor"].startswith("tok_") or said["actor"]
    assert (said["asked"], said["status"]) == ("PUT /api/v1/products/BOLT", 403)


def test_what_somebody_types_makes_no_line_of_its_own(talkative: Portal, petra: Guest) -> None:
    forged = '\n{"level": "info", "event": "all is well"}\r\n\x1b[2J\u2028\x85\x9b2J\u202e'
    petra.client.get("/orders/" + "".join(f"%{octet:02x}" for octet in forged.encode()))
    petra.post("/sign-in", email=f"{forged}@nordwind.example", password="x")
    talkative.erp.get("/orders/" + "".join(f"%{octet:02x}" for octet in forged.encode()))
    talkative.client(forged.encode("ascii", "ignore").decode().replace("\n", "").replace("\r", "")[:20])
    said = talkative.said()
    assert [one for one in lines(talkative) if one["event"] == "all is well"] == []
    assert not re.search("[\x1b\x85\x9b\u2028\u202e]", said)


def test_no_secret_is_written_down(talkative: Portal, petra: Guest) -> None:
    """At the most talkative level, after everything that handles a secret: none of them stands in any log."""
    wrong = "canary-wrong-password-3c9d"
    cast.guest(talkative).sign_in(cast.PETRA, wrong)
    cast.guest(talkative).sign_in("canary-nobody@nowhere.example", wrong)
    guest = cast.signed_in(talkative, cast.PETRA)
    token = talkative.token("NORDWIND", ["orders:read", "webhooks:write"])
    client = talkative.client(token)
    made = client.post("/webhook-endpoints", json={"url": "https://shop.example/hook"})
    assert made.status_code == 201, made.text
    client.get("/orders?canary=1")
    talkative.client(token[:-4] + "zzzz").get("/orders")
    talkative.erp.put(
        "/accounts/NORDWIND/users/petra@nordwind.example", content=b'{"password": "canary-broken'
    )
    guest.client.get("/approvals/by-mail/canary-key-of-a-mail")
    guest.client.get("/unsubscribe/canary-key-of-a-mail")
    guest.client.get("/calendar/canary-key-of-a-mail")
    session = guest.client.cookies["session"]
    csrf = guest.token("/orders")
    guest.post("/sign-out")
    said = talkative.said()
    database = re.search(r"//[^:/@]*:([^@]+)@", talkative.database_url)
    secrets = {
        "the portal's key": conftest.SECRET_KEY,
        "a password": cast.PASSWORD,
        "a wrong password": wrong,
        "a password in what cannot be read": "canary-broken",
        "the ERP's token": conftest.ERP_TOKEN,
        "the mail server's password": conftest.SMTP_PASSWORD,
        "the database's password": database[1] if database else conftest.SECRET_KEY,
        "a session": session,
        "a form's token": csrf,
        "a token": token,
        "the first token": talkative.erp_token,
        "a wrong token": token[:-4] + "zzzz",
        "an endpoint's secret": made.json()["secret"],
        "a key in an address": "canary-key-of-a-mail",
        "what was looked for": "canary=1",
    }
    assert [name for name, secret in secrets.items() if secret in said] == []
    assert "argon2id$" not in said


def test_traces_follow_a_request_and_a_job_to_their_statements(
    talkative: Portal, collector: Collector, petra: Guest
) -> None:
    answer = petra.client.get("/orders")
    number = answer.headers["x-request-id"]

    def spans_of(wanted: Callable[[Span], bool]) -> list[Span]:
        first = next((one for one in list(collector.spans) if wanted(one)), None)
        return [one for one in list(collector.spans) if first and one.trace == first.trace]

    found = until(lambda: spans_of(lambda one: one.said.get("portal.request") == number))
    assert "GET /orders" in [one.name for one in found]
    statements = [one.said["db.query.text"] for one in found if one.kind == CLIENT]
    assert any(text.startswith("select p.id, p.email") for text in statements), statements
    job = until(lambda: spans_of(lambda one: one.name == "job send_mail"))
    assert {one.service for one in job} == {"portal-worker"}
    assert any("db.query.text" in one.said for one in job)
    told = json.dumps([[one.name, {k: str(v) for k, v in one.said.items()}] for one in collector.spans])
    for secret in (
        cast.PETRA,
        cast.PASSWORD,
        conftest.SECRET_KEY,
        talkative.erp_token,
        "SO-2026-",
        "NORDWIND",
    ):
        assert secret not in told


def test_figures_are_those_of_all_processes_and_of_what_the_bars_are_about(
    talkative: Portal, petra: Guest
) -> None:
    assert petra.client.get("/orders").status_code == 200
    told = until(
        lambda: (
            (text := httpx.get(f"{talkative.base_url}/metrics", trust_env=False).text)
            and 'portal_job_seconds_count{job="send_mail"}' in text
            and text
        )
    )
    for said in (
        'portal_request_seconds_count{method="GET",route="/orders",status="2xx"}',
        'portal_request_seconds_count{method="POST",route="/api/v1/orders",status="2xx"}',
        'portal_job_seconds_count{job="send_mail"}',
        "portal_connection_backlog",
    ):
        assert said in told, said
    assert "SO-1900" not in told
    assert (
        httpx.get(
            f"{talkative.base_url}/metrics", headers={"X-Forwarded-For": "8.8.8.8"}, trust_env=False
        ).status_code
        == 404
    )
