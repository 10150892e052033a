"""What a passkey answers is believed only when it was signed for us, now, by that key, and by somebody it knows."""

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from portal.adapters import authenticators, passkeys, recovery
from portal.adapters.passkeys import Key, Party, Refused
from tests.factors.softkey import PRESENT, SYNCABLE, SYNCED, VERIFIED, SoftKey

PARTY = Party.of("https://portal.example", "Harrow & Pike")
SECRET, BROWSER, PERSON = "s" * 40, "session:1", 7


def asked(bound: str = BROWSER) -> dict[str, Any]:
    return passkeys.to_use(PARTY, passkeys.challenge(SECRET, bound))


def soft(**how: Any) -> tuple[SoftKey, Key]:
    """A key that was made, as we keep it."""
    phone = SoftKey(PARTY.origin, **how)
    options = passkeys.to_make(PARTY, passkeys.challenge(SECRET, BROWSER), PERSON, "p@x.example", "Petra", ())
    made, _given = passkeys.made(PARTY, SECRET, BROWSER, phone.make(options))
    return phone, Key(made.id, made.public_key, made.sign_count, made.transports)


def use(answer: str, key: Key, person: int = PERSON, bound: str = BROWSER) -> passkeys.Used:
    return passkeys.used(PARTY, SECRET, bound, answer, key, person)[0]


def test_an_honest_one_is_believed_and_says_whether_it_is_kept_on_several_devices() -> None:
    phone, key = soft()
    assert not use(phone.use(asked()), key).is_synced
    shared, other = soft(flags=PRESENT | VERIFIED | SYNCABLE | SYNCED)
    assert use(shared.use(asked()), other).is_synced
    assert key.transports == ("internal",)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://portal.example.evil.example"},
        {"origin": "http://portal.example"},
        {"host": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"type": "webauthn.create"},
        {"crossed": True},
        {"handle": b"person-8"},
        {"signer": ec.generate_private_key(ec.SECP256R1())},
        {"challenge": "AAAA"},
        {"challenge": asked("session:2")["challenge"]},
        {"challenge": passkeys.to_use(PARTY, passkeys.challenge("t" * 40, BROWSER))["challenge"]},
    ],
    ids=lambda lie: "-".join(map(str, lie)),
)
def test_a_lie_is_refused(lie: dict[str, Any]) -> None:
    phone, key = soft()
    with pytest.raises(Refused):
        use(phone.use(asked(), **lie), key)


def test_a_challenge_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    phone, key = soft()
    answer = phone.use(asked())
    later = time.time() + passkeys.GOOD_FOR + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Refused, match="too old"):
        use(answer, key)


def test_a_copy_of_a_key_that_counts_is_found_out() -> None:
    phone, key = soft(counts=True)
    counted = use(phone.use(asked()), key).sign_count
    assert counted == 1
    copied = Key(key.id, key.public_key, 5)
    with pytest.raises(Refused, match="sign count"):
        use(phone.use(asked()), copied)


def test_another_persons_key_does_not_stand_in() -> None:
    phone, key = soft()
    with pytest.raises(Refused):
        use(phone.use(asked()), key, person=8)
    stranger, _ = soft()
    with pytest.raises(Refused):
        use(stranger.use(asked()), key)


@pytest.mark.parametrize(
    "junk", ["", "{}", "[]", '{"response": 1}', '{"response": {}}', "[" * 9000, "x" * 20_000]
)
def test_what_is_no_answer_is_refused_quietly(junk: str) -> None:
    _, key = soft()
    asks = (
        lambda: use(junk, key),
        lambda: passkeys.key_of(junk),
        lambda: passkeys.made(PARTY, SECRET, BROWSER, junk),
    )
    for ask in asks:
        with pytest.raises(Refused):
            ask()


def test_a_key_that_nobody_unlocked_is_not_taken_on() -> None:
    options = passkeys.to_make(PARTY, passkeys.challenge(SECRET, BROWSER), PERSON, "p@x.example", "Petra", ())
    with pytest.raises(Refused):
        passkeys.made(PARTY, SECRET, BROWSER, SoftKey(PARTY.origin).make(options, flags=PRESENT))
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert "p@x.example" not in json.dumps(options["user"]["id"])


@pytest.mark.parametrize(
    ("address", "works"),
    [
        ("https://portal.example", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.7", False),
        ("http://portal.example", False),
    ],
)
def test_keys_belong_to_names_over_a_safe_connection(address: str, works: bool) -> None:
    assert Party.of(address, "x").works is works


def test_a_code_of_an_app_is_good_for_its_half_minute_and_those_beside_it() -> None:
    import pyotp

    secret, now = authenticators.new_secret(), 1_800_000_000.0
    codes = pyotp.TOTP(secret)
    step = int(now // 30)
    for beside in (-1, 0, 1):
        assert authenticators.step_of(secret, codes.generate_otp(step + beside), now) == step + beside
    for far in (-2, 2):
        assert authenticators.step_of(secret, codes.generate_otp(step + far), now) is None
    code = codes.generate_otp(step)
    assert authenticators.step_of(secret, f"{code[:3]} {code[3:]}", now) == step
    for junk in ("", "12345", "١٢٣٤٥٦", "abcdef"):
        assert authenticators.step_of(secret, junk, now) is None
    assert "<script" not in authenticators.picture(authenticators.address(secret, "<script>@x.y", "</svg>"))


def test_recovery_codes_are_ten_and_typed_in_any_way() -> None:
    codes = recovery.codes(b"x" * 32)
    assert len(set(codes)) == recovery.COUNT
    assert recovery.codes(b"y" * 32)[0] not in codes
    kept = recovery.digest(SECRET, PERSON, codes[0])
    assert recovery.digest(SECRET, PERSON, f" {codes[0].lower().replace('-', ' ')} ") == kept
    assert recovery.digest(SECRET, 8, codes[0]) != kept, "another person's is another"
    assert recovery.digest("t" * 40, PERSON, codes[0]) != kept, "a copy of the database opens nothing"
