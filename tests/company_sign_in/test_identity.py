"""What a provider says is believed only when all of it is right: its keys, its tokens, and what it says of itself."""

import base64
import json
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey

from portal.adapters.identity import Client, Identity, Said
from portal.adapters.issuers import Issuers, ProviderFailed
from tests.company_sign_in.lying import (
    CLIENT,
    NONCE,
    SECRET,
    Answer,
    Lying,
    confused,
    lying,
    new_key,
    unsigned,
)


@pytest.fixture
def provider() -> Iterator[Lying]:
    with lying() as running:
        yield running


@pytest.fixture
async def identity() -> AsyncIterator[Identity]:
    issuers = Issuers(simulated=True, anew_after=0.0)
    yield Identity(issuers)
    await issuers.close()


def client(provider: Lying, secret: str | None = SECRET) -> Client:
    return Client(provider.issuer, CLIENT, ("openid", "email"), "http://portal.example/callback", secret)


async def finish(identity: Identity, provider: Lying, **more: Any) -> Said:
    told = {"nonce": NONCE, "verifier": "v" * 43, "answering": None, "wants": ("email",), **more}
    return await identity.finish(client(provider), "a code", **told)


async def test_a_token_that_is_right_is_believed(identity: Identity, provider: Lying) -> None:
    said = await finish(identity, provider)
    assert (said.subject, said.claims["email"]) == ("petra", "petra@nordwind.example")
    sent = provider.exchanged[0]
    assert sent["code"] == ["a code"]
    assert sent["code_verifier"] == ["v" * 43]


@pytest.mark.parametrize(
    "make", [lambda: ECKey.generate_key("P-256"), lambda: OKPKey.generate_key("Ed25519")]
)
async def test_other_keys_that_only_they_have_are_good_too(
    identity: Identity, provider: Lying, make: Callable[[], Any]
) -> None:
    key = make()
    provider.published = [key.as_dict(private=False)]
    algorithm = "ES256" if key.key_type == "EC" else "Ed25519"
    provider.token = provider.signed(provider.said(), key, alg=algorithm, kid=key.kid or "one")
    provider.published[0]["kid"] = key.kid or "one"
    assert (await finish(identity, provider)).subject == "petra"


async def test_the_way_there_carries_state_nonce_and_a_challenge(identity: Identity, provider: Lying) -> None:
    url = await identity.begin(
        client(provider),
        "the state",
        nonce=NONCE,
        verifier="v" * 43,
        more={"prompt": "login", "max_age": "0"},
    )
    assert url.startswith(f"{provider.issuer}/authorize?response_type=code&client_id=portal&")
    for part in (
        "state=the+state",
        "nonce=the+nonce",
        "code_challenge_method=S256",
        "max_age=0",
        "prompt=login",
    ):
        assert part in url
    assert "v" * 43 not in url
    assert SECRET not in url


# What is said instead of what is right; None: it is left out.
LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "an issuer with a stroke more": {"iss": "{issuer}/"},
    "for another client": {"aud": "other"},
    "for another client, made by ours": {"aud": "other", "azp": CLIENT},
    "for others too": {"aud": [CLIENT, "other"]},
    "for others too, made by ours": {"aud": [CLIENT, "other"], "azp": CLIENT},
    "made by another client": {"azp": "other"},
    "for nobody": {"aud": None},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "a nonce that is a list": {"nonce": [NONCE]},
    "made in the future": {"iat": time.time() + 3600},
    "made long ago": {"iat": time.time() - 3600},
    "made at no time": {"iat": None},
    "made at a word": {"iat": "now"},
    "made at true": {"iat": True},
    "over": {"exp": time.time() - 120},
    "never over": {"exp": None},
    "over at a word": {"exp": "tomorrow"},
    "not yet": {"nbf": time.time() + 3600},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "a number as a name": {"sub": 7},
    "a name without end": {"sub": "x" * 300},
    "a name that breaks lines": {"sub": "petra\nines"},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "a logout": {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_says_otherwise_is_refused(identity: Identity, provider: Lying, lie: str) -> None:
    provider.claims = {
        name: value.replace("{issuer}", provider.issuer) if isinstance(value, str) else value
        for name, value in LIES[lie].items()
    }
    with pytest.raises(ProviderFailed, match="not believed"):
        await finish(identity, provider)


FORGERIES: dict[str, Callable[[Lying], str]] = {
    "unsigned": lambda p: unsigned(p.said()),
    "unsigned with a signature": lambda p: unsigned(p.said()) + p.id_token().rpartition(".")[2],
    "signed with the public key as a secret": lambda p: confused(p, p.key.as_pem(private=False)),
    "signed with our own secret": lambda p: confused(p, SECRET.encode()),
    "signed with another key of the same name": lambda p: p.signed(p.said(), new_key(which=1)),
    "signed with a key of no name": lambda p: p.signed(p.said(), kid="nobody"),
    "changed after it was signed": lambda p: p.id_token()[:-8] + "AAAAAAAA",
    "other claims under a good signature": lambda p: ".".join(
        [p.id_token().split(".")[0], p.signed(p.said(sub="ines")).split(".")[1], p.id_token().split(".")[2]]
    ),
    "a header that asks for more": lambda p: _with_crit(p),
    "of another kind": lambda p: p.signed(p.said(), typ="logout+jwt"),
    "an access token": lambda p: p.signed(p.said(), typ="at+jwt"),
    "not a token": lambda _: "no token",
    "nothing": lambda _: "",
    "as long as a book": lambda p: p.signed(p.said(more="x" * 70_000)),
    "claims that are a list": lambda p: p.signed([1, 2]),  # type: ignore[arg-type]
}


def _with_crit(provider: Lying) -> str:
    header = {"alg": "RS256", "kid": "one", "crit": ["b64"], "b64": False}
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{first}.{provider.id_token().partition('.')[2]}"


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_is_refused(identity: Identity, provider: Lying, forgery: str) -> None:
    provider.token = FORGERIES[forgery](provider)
    with pytest.raises(ProviderFailed, match=r"not believed|does not answer|no ID token"):
        await finish(identity, provider)


async def test_a_key_that_is_too_short_signs_nothing(identity: Identity, provider: Lying) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        provider.key = new_key(bits=1024)
    with pytest.raises(ProviderFailed, match="not believed"):
        await finish(identity, provider)


async def test_new_keys_are_asked_for_once(identity: Identity, provider: Lying) -> None:
    await finish(identity, provider)
    provider.key = new_key("two")
    assert (await finish(identity, provider)).subject == "petra"
    assert provider.asked.count("/keys") == 2
    provider.token = provider.signed(provider.said(), new_key("three"), kid="three")
    with pytest.raises(ProviderFailed):
        await finish(identity, provider)
    assert provider.asked.count("/keys") == 3


async def test_nobody_makes_us_ask_for_keys_all_the_time(provider: Lying) -> None:
    issuers = Issuers(simulated=True, anew_after=60)
    identity = Identity(issuers)
    provider.token = provider.signed(provider.said(), new_key("three"), kid="three")
    for _ in range(3):
        with pytest.raises(ProviderFailed):
            await finish(identity, provider)
    await issuers.close()
    assert provider.asked.count("/keys") == 1


async def test_an_answer_from_another_provider_is_a_mix_up(identity: Identity, provider: Lying) -> None:
    with pytest.raises(ProviderFailed, match="another provider") as refused:
        await finish(identity, provider, answering="https://evil.example")
    assert not refused.value.is_theirs
    assert provider.exchanged == [], "the code went nowhere"


async def test_a_provider_that_says_who_answers_has_to(identity: Identity, provider: Lying) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(ProviderFailed, match="another provider"):
        await finish(identity, provider)
    assert (await finish(identity, provider, answering=provider.issuer)).subject == "petra"


async def test_a_sign_in_of_long_ago_proves_nothing_now(identity: Identity, provider: Lying) -> None:
    now = time.time()
    for long_ago in (None, now - 3600):
        provider.claims = {"auth_time": long_ago}
        with pytest.raises(ProviderFailed, match="auth_time"):
            await finish(identity, provider, proved_since=now)
    provider.claims = {"auth_time": now}
    assert (await finish(identity, provider, proved_since=now)).subject == "petra"


async def test_a_code_that_is_spent_is_nobodys_failure(identity: Identity, provider: Lying) -> None:
    provider.answers["/token"] = lambda: Answer({"error": "invalid_grant"}, 400)
    with pytest.raises(ProviderFailed, match="invalid_grant") as refused:
        await finish(identity, provider)
    assert not refused.value.is_theirs
    provider.answers["/token"] = lambda: Answer({"error": "invalid_client"}, 401)
    with pytest.raises(ProviderFailed, match="invalid_client") as refused:
        await finish(identity, provider)
    assert refused.value.is_theirs


async def test_what_the_token_leaves_out_is_asked_for_of_the_same_person(
    identity: Identity, provider: Lying
) -> None:
    provider.metadata = {"userinfo_endpoint": f"{provider.issuer}/me"}
    provider.claims = {"email": None, "email_verified": None}
    provider.answers["/me"] = lambda: Answer({"sub": "petra", "email": "petra@nordwind.example", "iss": "no"})
    said = await finish(identity, provider)
    assert said.claims["email"] == "petra@nordwind.example"
    assert said.claims["iss"] == provider.issuer, "the token counts"
    # What it says of one address says nothing of the other.
    provider.claims = {"email": "ines@nordwind.example", "email_verified": None}
    vouched = {"sub": "petra", "email": "petra@nordwind.example", "email_verified": True, "groups": ["IT"]}
    provider.answers["/me"] = lambda: Answer(vouched)
    mixed = (await finish(identity, provider, wants={"email", "groups"})).claims
    assert (mixed["email"], mixed["groups"]) == ("ines@nordwind.example", ["IT"])
    assert not mixed.get("email_verified")
    provider.claims = {"email": None, "email_verified": None}
    provider.answers["/me"] = lambda: Answer({"sub": "ines", "email": "ines@nordwind.example"})
    with pytest.raises(ProviderFailed, match="somebody else"):
        await finish(identity, provider)


WELL_KNOWN = "/.well-known/openid-configuration"
# Of a provider's own page, and what is said of it.
WRONG: dict[str, tuple[Callable[[Lying], Answer], str]] = {
    "another issuer": (lambda p: Answer(p.told() | {"issuer": "https://evil.example"}), "another issuer"),
    "no issuer": (lambda _: Answer({}), "another issuer"),
    "keys without TLS": (lambda p: Answer(p.told() | {"jwks_uri": "http://keys.example/k"}), "jwks_uri"),
    "tokens without TLS": (
        lambda p: Answer(p.told() | {"token_endpoint": "http://t.example"}),
        "token_endpoint",
    ),
    "tokens from our own network": (
        lambda p: Answer(p.told() | {"token_endpoint": "https://10.0.0.1/"}),
        "token_endpoint",
    ),
    "a script to go to": (
        lambda p: Answer(p.told() | {"authorization_endpoint": "javascript:alert(1)"}),
        "authorization_endpoint",
    ),
    "nowhere to go to": (
        lambda p: Answer(p.told() | {"authorization_endpoint": None}),
        "authorization_endpoint",
    ),
    "a redirect": (
        lambda _: Answer({}, 302, {"location": "https://evil.example"}),
        "redirects are not followed",
    ),
    "an error": (lambda _: Answer({}, 500), "answers 500"),
    "a book": (lambda p: Answer(p.told() | {"more": "x" * 300_000}), "longer than"),
    "no JSON": (lambda _: Answer(b"<html>"), "something else than JSON"),
    "a list": (lambda _: Answer([1]), "something else than JSON"),
    "packed": (
        lambda _: Answer(b"\x1f\x8b", headers={"content-encoding": "gzip"}),
        "something else than JSON",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_provider_that_lies_about_itself_is_told_so(
    identity: Identity, provider: Lying, wrong: str
) -> None:
    answer, said = WRONG[wrong]
    provider.answers[WELL_KNOWN] = lambda: answer(provider)
    with pytest.raises(ProviderFailed, match=said):
        await finish(identity, provider)
    assert provider.exchanged == []


async def test_a_provider_that_takes_too_long_is_not_waited_for(provider: Lying) -> None:
    answered = threading.Event()

    def slow() -> Answer:
        answered.wait(30)
        return Answer({})

    provider.answers[WELL_KNOWN] = slow
    issuers = Issuers(simulated=True, in_all=0.5)
    with pytest.raises(ProviderFailed, match="no answer in time"):
        await issuers.metadata(provider.issuer)
    answered.set()
    await issuers.close()


async def test_a_provider_that_is_away_is_told_so(identity: Identity) -> None:
    with lying() as gone:
        pass
    with pytest.raises(ProviderFailed, match="does not answer"):
        await finish(identity, gone)


@pytest.mark.parametrize(
    "issuer",
    ["http://sso.example", "https://10.0.0.1", "https://localhost", "https://intranet", "ftp://sso.example"],
)
async def test_in_production_a_provider_is_on_the_public_internet(issuer: str) -> None:
    issuers = Issuers(simulated=False)
    with pytest.raises(ProviderFailed, match="cannot be asked"):
        await issuers.metadata(issuer)
    await issuers.close()


async def test_a_name_that_leads_into_our_own_network_is_not_followed() -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.5"]

    issuers = Issuers(simulated=False, resolve=inside)
    with pytest.raises(ProviderFailed, match="not public"):
        await issuers.metadata("https://sso.nordwind.example")
    await issuers.close()


NO_LOGOUT: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "for another client": {"aud": "other"},
    "made long ago": {"iat": time.time() - 3600},
    "over": {"exp": time.time() - 300},
    "of no event": {"events": None},
    "of another event": {"events": {"https://other.example": {}}},
    "with a nonce": {"nonce": NONCE},
    "of nobody": {"sub": None, "sid": None},
    "without a number": {"jti": None},
}


@pytest.mark.parametrize("lie", NO_LOGOUT)
async def test_a_logout_that_is_not_right_ends_nothing(identity: Identity, provider: Lying, lie: str) -> None:
    with pytest.raises(ProviderFailed, match="not believed"):
        await identity.logout(client(provider), provider.logout_token(**NO_LOGOUT[lie]))
    with pytest.raises(ProviderFailed, match="not believed"):
        await identity.logout(client(provider), provider.id_token())


async def test_a_logout_that_is_right_says_whose(identity: Identity, provider: Lying) -> None:
    claims = await identity.logout(client(provider), provider.logout_token(sid="s1"))
    assert (claims["sub"], claims["sid"]) == ("petra", "s1")
