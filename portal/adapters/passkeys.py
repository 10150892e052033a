"""Passkeys (WebAuthn): what a browser is asked for, and whether what it answers was signed for us, now, by that key.

A challenge is written down nowhere: it carries its moment and is sealed for the browser that it was made for. That it
is answered once only is kept by `adapters.pending`.
"""

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import bytes_to_base64url, options_to_json, parse_authentication_credential_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

# A page may stand open for a while before its button is pressed; its script asks for a new challenge before that.
GOOD_FOR: Final = 15 * 60
ALGORITHMS: Final = [
    Algorithm.EDDSA,
    Algorithm.ECDSA_SHA_256,
    Algorithm.RSASSA_PKCS1_v1_5_SHA_256,
]
LONGEST_ANSWER: Final = 16_384
NONCE, SEAL = 16, 24


class Refused(Exception):
    """It was not signed for us, not now, or not by that key; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, as browsers see it: keys belong to `host` and to nobody else."""

    host: str
    origin: str
    name: str

    @classmethod
    def of(cls, base_url: str, name: str) -> "Party":
        parts = urlsplit(base_url)
        return cls(parts.hostname or "", f"{parts.scheme}://{parts.netloc}".lower(), name)

    @property
    def works(self) -> bool:
        """Whether browsers take the address for one that keys can belong to: a name, and a safe connection."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a passkey."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made for us."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Used:
    sign_count: int
    is_synced: bool


def challenge(secret: str, bound_to: str) -> bytes:
    """For one answer of the browser that is known as `bound_to`."""
    said = secrets.token_bytes(NONCE) + struct.pack(">Q", int(time.time()))
    return said + _seal(secret, bound_to, said)


def is_ours(secret: str, bound_to: str, given: bytes) -> bool:
    """Whether we have made this challenge for this browser, not long ago."""
    said, seal = given[:-SEAL], given[-SEAL:]
    if len(said) != NONCE + 8 or not hmac.compare_digest(seal, _seal(secret, bound_to, said)):
        return False
    (made,) = struct.unpack(">Q", said[NONCE:])
    return 0 <= time.time() - int(made) + 60 <= GOOD_FOR + 60


def _seal(secret: str, bound_to: str, said: bytes) -> bytes:
    return hmac.new(
        secret.encode(), b"passkey challenge:" + bound_to.encode() + b":" + said, hashlib.sha256
    ).digest()[:SEAL]


def to_make(
    party: Party, given: bytes, person_id: int, email: str, name: str, known: Sequence[Key]
) -> dict[str, Any]:
    """What a browser is asked for to make a key for this person: one that finds them by itself and that their finger,
    face or number unlocks."""
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=party.name,
        user_id=handle(person_id),
        user_name=email,
        user_display_name=name,
        challenge=given,
        timeout=120_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(known),
        supported_pub_key_algs=ALGORITHMS,
    )
    return dict(json.loads(options_to_json(options)))


def to_use(party: Party, given: bytes, known: Sequence[Key] = ()) -> dict[str, Any]:
    """To show one: one of these, or whichever the browser has for us."""
    options = webauthn.generate_authentication_options(
        rp_id=party.host,
        challenge=given,
        timeout=120_000,
        allow_credentials=_named(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(options_to_json(options)))


def made(party: Party, secret: str, bound_to: str, answer: str) -> tuple[Made, bytes]:
    """The key that was made, and the challenge it answers."""
    said = _read(answer)
    given = _challenge_of(said, secret, bound_to)
    try:
        found = webauthn.verify_registration_response(
            credential=said,
            expected_challenge=given,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(f"no passkey was made: {error!r}") from error
    transports = said["response"].get("transports") or ()
    known = {one.value for one in AuthenticatorTransport}
    return (
        Made(
            found.credential_id,
            found.credential_public_key,
            found.sign_count,
            tuple(sorted({str(one) for one in transports} & known)),
            found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        ),
        given,
    )


def key_of(answer: str) -> bytes:
    """Which key says that it has signed this."""
    said = _read(answer)
    try:
        return parse_authentication_credential_json(said).raw_id
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(f"this is no answer of a passkey: {error!r}") from error


def used(
    party: Party, secret: str, bound_to: str, answer: str, key: Key, person_id: int
) -> tuple[Used, bytes]:
    """That this key of this person has signed, and the challenge it answers."""
    said = _read(answer)
    given = _challenge_of(said, secret, bound_to)
    try:
        user = parse_authentication_credential_json(said).response.user_handle
        found = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=given,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(f"the passkey is refused: {error!r}") from error
    if user and not hmac.compare_digest(user, handle(person_id)):
        raise Refused("the passkey speaks of another person")
    if found.credential_id != key.id:
        raise Refused("another passkey has signed")
    return Used(
        found.new_sign_count, found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    ), given


def handle(person_id: int) -> bytes:
    """How authenticators know a person: nothing in it tells who that is."""
    return f"person-{person_id}".encode()


def _named(known: Sequence[Key]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=key.id, transports=[AuthenticatorTransport(one) for one in key.transports] or None
        )
        for key in known
    ]


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise Refused("the answer is too long")
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise Refused("the answer is not JSON") from error
    if not isinstance(said, dict) or not isinstance(said.get("response"), dict):
        raise Refused("the answer is no object")
    return said


def _challenge_of(said: dict[str, Any], secret: str, bound_to: str) -> bytes:
    """The challenge that was answered, if it is ours."""
    try:
        client = json.loads(_bytes(said["response"]["clientDataJSON"]))
        given = _bytes(client["challenge"])
        crossed = client.get("crossOrigin")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("the answer names no challenge") from error
    if crossed not in (None, False):
        raise Refused("asked for within another site's page")
    if not is_ours(secret, bound_to, given):
        raise Refused("the challenge is not ours, not for this browser, or too old")
    return given


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_of(key_id: bytes) -> str:
    """As it stands in an address."""
    return str(bytes_to_base64url(key_id))


def id_of(text: str) -> bytes:
    """The other way; nothing of ours for what is not one."""
    try:
        return _bytes(text[:2000])
    except ValueError:
        return b""
