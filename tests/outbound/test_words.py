"""Pauses, answers, and bodies that fit."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from portal.adapters import sealed, signing
from portal.domain.webhooks import LARGEST, PAUSES, Answer, body, judge

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def again(status: int | None, attempt: int, **headers: str) -> timedelta:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    outcome = judge(Answer(status, response_headers=named), attempt, chance=0.5, now=NOW)
    assert outcome.verdict == "again"
    return outcome.pause


def test_it_is_tried_for_three_days_at_the_pauses_of_the_standard() -> None:
    pauses = [again(500, attempt) for attempt in range(1, 10)]
    assert pauses == list(PAUSES)
    assert 3 * DAY < sum(pauses, timedelta()) < 3.3 * DAY
    assert judge(Answer(500), 10, chance=0.5).verdict == "dead"
    for chance, share in ((0.0, 0.9), (1.0, 1.1)):
        assert judge(Answer(None), 3, chance=chance).pause == timedelta(minutes=30) * share


def test_any_2xx_is_success_gone_is_gone_and_a_redirect_is_neither() -> None:
    assert {judge(Answer(status), 1, chance=0).verdict for status in (200, 201, 202, 204, 299)} == {
        "delivered"
    }
    assert judge(Answer(410), 1, chance=0).verdict == "gone"
    for status in (301, 302, 307, 308, 400, 401, 404, 409, 429, 500, 503, None):
        assert judge(Answer(status), 1, chance=0).verdict == "again"


def test_retry_after_is_honoured_up_to_a_day_and_never_shortens_a_pause() -> None:
    assert again(429, 1, retry_after="120") == timedelta(minutes=2)
    assert again(503, 1, Retry_After="Wed, 18 Nov 2026 10:00:00 GMT") == timedelta(hours=1)
    assert again(503, 1, retry_after="99999999999999") == DAY
    assert again(500, 1, retry_after="3600") == timedelta(hours=1)
    assert again(503, 4, retry_after="1") == timedelta(hours=2)
    # Some are dates that no machine can count to.
    far = ("Mon, 01 Jan 99999999999999 00:00:00 GMT", "Wed, 18 Nov 2026 10:00:00 +99999999999999")
    for nonsense in ("", "soon", "-5", "1e9", "Wed, 99 Nov 2026", "²", *far):
        assert again(503, 1, retry_after=nonsense) == timedelta(seconds=5)
    assert judge(Answer(429, response_headers={"retry-after": "30"}), 1, chance=0).hold == timedelta(
        seconds=30
    )
    assert judge(Answer(500, response_headers={"retry-after": "30"}), 1, chance=0).hold == timedelta()


def test_a_body_that_is_too_long_is_cut_where_it_is_longest_and_says_so() -> None:
    lines = [{"line": n, "sku": f"BÖLT-{n}", "quantity": "1"} for n in range(3000)]
    data = {"sequence": 7, "id": "evt_9", "data": {"lines": lines, "cause": {"what": "x"}, "waiting": [1, 2]}}
    cut = body("promise.changed", NOW, data)
    told = json.loads(cut)["data"]
    inner = told["data"]
    assert LARGEST - 60 < len(cut) <= LARGEST
    assert inner["truncated"] is True
    assert inner["lines_total"] == 3000
    assert inner["lines"] == lines[: len(inner["lines"])]
    assert inner["waiting"] == [1, 2]
    assert told["id"] == "evt_9"
    assert json.loads(body("x", NOW, {"data": {"lines": lines[:10]}}))["data"]["data"] == {
        "lines": lines[:10]
    }


def test_what_cannot_be_cut_is_left_out() -> None:
    told = json.loads(body("x", NOW, {"id": "evt_1", "data": {"note": "ä" * 30_000, "lines": []}}))
    assert told["data"] == {"id": "evt_1", "data": {"truncated": True}}


def test_secrets_are_kept_sealed() -> None:
    secret = signing.new_secret()
    kept = sealed.seal(secret, "k" * 40)
    assert secret.encode() not in kept
    assert secret[6:].encode() not in kept
    assert sealed.unseal(kept, "k" * 40) == secret
    assert kept != sealed.seal(secret, "k" * 40)
    with pytest.raises(sealed.CannotUnseal):
        sealed.unseal(kept, "j" * 40)
