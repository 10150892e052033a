"""What a provider signs: ID tokens and logout tokens, believed only when everything about them is right.

Times are by this machine's real clock, also in the demo, whose own clock may have been moved: the provider knows
nothing of that.
"""

import base64
import hmac
import json
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

# Only what is signed with a key that we do not have: never `none`, and no secret that both sides know.
KINDS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("Ed25519",),
}
READERS: Mapping[str, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
ALGORITHMS = tuple(name for names in KINDS.values() for name in names)
# What of a key is for everybody.
PUBLIC = ("kty", "n", "e", "crv", "x", "y")
SHORTEST_RSA = 2048
LONGEST_TOKEN = 60_000
# As many keys as somebody may publish under one name, before it is nonsense.
MOST_KEYS = 10
LONGEST_SUBJECT = 255
# Seconds that two clocks may differ by.
LEEWAY = 60
# An ID token is made when the code is exchanged, and a logout token when it is sent: older ones are replayed.
OLDEST = 600
LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"


class Untrusted(Exception):
    """It is not believed; the text says what is wrong with it, for whoever runs the provider."""


class NoKey(Untrusted):
    """None of the provider's keys that we know has signed it: it may have others by now."""


Claims = dict[str, Any]
Keys = Sequence[Mapping[str, Any]]


def opened(token: object, keys: Keys) -> tuple[Claims, Claims]:
    """(header, claims) of what one of the keys has signed. What the claims say is not looked at."""
    if not isinstance(token, str) or not token or len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise Untrusted("it is not a signed token")
    header = _json(token.partition(".")[0])
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise Untrusted(f"it is signed with {str(algorithm)[:20]!r}; {', '.join(ALGORITHMS)} are believed")
    if "crit" in header:
        raise Untrusted("its header asks for something that we do not know")
    for key in _fitting(keys, header)[:MOST_KEYS]:
        try:
            read = jws.deserialize_compact(token, key, algorithms=[algorithm])
        except (JoseError, ValueError, TypeError):
            continue
        return header, _claims(read.payload)
    raise NoKey("it is signed with a key that the provider does not publish")


def _fitting(keys: Keys, header: Claims) -> list[Any]:
    found = []
    for key in keys:
        kind = str(key.get("kty"))
        if header["alg"] not in KINDS.get(kind, ()) or key.get("use", "sig") != "sig":
            continue
        if key.get("alg", header["alg"]) != header["alg"] or (
            "kid" in header and key.get("kid") != header["kid"]
        ):
            continue
        if kind == "RSA" and _bits(key.get("n")) < SHORTEST_RSA:
            continue
        try:
            found.append(READERS[kind].import_key({name: key[name] for name in PUBLIC if name in key}))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


def _bits(modulus: object) -> int:
    try:
        return int.from_bytes(_decoded(str(modulus))).bit_length()
    except ValueError:
        return 0


def _json(part: str) -> Claims:
    try:
        return _claims(_decoded(part))
    except ValueError:
        raise Untrusted("it is not a signed token") from None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _claims(raw: bytes | None) -> Claims:
    try:
        read = json.loads(raw or b"")
    except (ValueError, RecursionError):
        raise Untrusted("it cannot be read") from None
    if not isinstance(read, dict):
        raise Untrusted("it cannot be read")
    return read


def identity(
    token: object,
    keys: Keys,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: object = None,
    proved_since: float | None = None,
) -> Claims:
    """What an ID token says, when it is the one that was asked for. `proved_since`: they must have shown who they are
    there after that moment."""
    header, claims = opened(token, keys)
    if str(header.get("typ", "JWT")).upper().removeprefix("APPLICATION/") != "JWT" or "events" in claims:
        raise Untrusted("it is a token of another kind")
    _ours(claims, issuer, client_id)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise Untrusted("its nonce is not the one of this sign-in")
    options: Any = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client_id},
    }
    params = {"client_id": client_id, "nonce": nonce, "access_token": access_token}
    try:
        CodeIDToken(claims, header, options, params).validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError) as error:
        raise Untrusted(f"it does not hold: {str(error)[:200]}") from None
    _subject(claims, "sub")
    _number(claims, "exp")
    if proved_since is not None and _number(claims, "auth_time") < proved_since - LEEWAY:
        raise Untrusted("it tells of an earlier sign-in: auth_time is too old")
    return claims


def logout(token: object, keys: Keys, *, issuer: str, client_id: str) -> Claims:
    """What a logout token says: `sub` or `sid` or both, and its `jti`, which must be new."""
    header, claims = opened(token, keys)
    if str(header.get("typ", "JWT")).lower().removeprefix("application/") not in {"logout+jwt", "jwt"}:
        raise Untrusted("it is a token of another kind")
    _ours(claims, issuer, client_id)
    if "exp" in claims and _number(claims, "exp") < time.time() - LEEWAY:
        raise Untrusted("it has expired")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGGED_OUT), dict):
        raise Untrusted("it tells of no logout")
    if "nonce" in claims:
        raise Untrusted("it has a nonce, which a logout token has not")
    _subject(claims, "jti")
    if claims.get("sub") is None and claims.get("sid") is None:
        raise Untrusted("it does not say whose session has ended")
    for name in ("sub", "sid"):
        if claims.get(name) is not None:
            _subject(claims, name)
    return claims


def _ours(claims: Claims, issuer: str, client_id: str) -> None:
    """Made by this provider, for us alone, and just now."""
    if claims.get("iss") != issuer:
        raise Untrusted(f"its issuer is {str(claims.get('iss'))[:200]!r}, not {issuer!r}")
    audience = claims.get("aud")
    # One that is for others, too, might have been made for them.
    if audience not in (client_id, [client_id]):
        raise Untrusted("it is not for this client, or not for this client alone")
    if claims.get("azp", client_id) != client_id:
        raise Untrusted("it was made for another client")
    made, now = _number(claims, "iat"), time.time()
    if made > now + LEEWAY:
        raise Untrusted("it was made in the future: the provider's clock is wrong, or ours")
    if made < now - OLDEST:
        raise Untrusted("it was made long ago")


def _number(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Untrusted(f"its {name} is no moment")
    return value


def _subject(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SUBJECT or not value.isprintable():
        raise Untrusted(f"its {name} is no name")
    return value
