"""An authenticator made of software: it keeps keys of its own and signs truly, as a phone would, or falsely."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, SYNCABLE, SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40

Json = dict[str, Any]


@dataclass
class Kept:
    id: bytes
    key: ec.EllipticCurvePrivateKey
    handle: bytes
    count: int = 0


@dataclass
class SoftKey:
    """`origin` is where its browser believes to be. `flags` are what it says of whoever unlocked it."""

    origin: str
    flags: int = PRESENT | VERIFIED
    counts: bool = False
    keys: list[Kept] = field(default_factory=list)

    def make(self, options: Json, **lies: Any) -> str:
        """What `navigator.credentials.create()` answers, as the page's script sends it."""
        key = Kept(
            secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1()), _bytes(options["user"]["id"])
        )
        self.keys.append(key)
        numbers = key.key.public_key().public_numbers()
        public = encode_cbor(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
        attested = bytes(16) + struct.pack(">H", len(key.id)) + key.id + public
        said = self._said(options["rp"]["id"], key, ATTESTED, lies) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": said})
        client = self._client("webauthn.create", options, lies)
        response = {
            "clientDataJSON": _text(client),
            "attestationObject": _text(attestation),
            "transports": ["internal"],
        }
        return self._answer(key, response)

    def use(self, options: Json, key: Kept | None = None, **lies: Any) -> str:
        """What `navigator.credentials.get()` answers; `lies` replace what an honest one says."""
        key = key or self.keys[-1]
        if self.counts:
            key.count += 1
        said = self._said(options["rpId"], key, 0, lies)
        client = self._client("webauthn.get", options, lies)
        signer = lies.get("signer", key.key)
        signature = signer.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(said),
            "signature": _text(signature),
            "userHandle": _text(lies.get("handle", key.handle)),
        }
        return self._answer(key, response)

    def _said(self, host: str, key: Kept, more: int, lies: Json) -> bytes:
        flags = lies.get("flags", self.flags) | more
        rp = hashlib.sha256(lies.get("host", host).encode()).digest()
        return rp + struct.pack(">BI", flags, lies.get("count", key.count))

    def _client(self, kind: str, options: Json, lies: Json) -> bytes:
        said = {
            "type": lies.get("type", kind),
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": lies.get("crossed", False),
        }
        return json.dumps(said).encode()

    def _answer(self, key: Kept, response: Json) -> str:
        return json.dumps(
            {"id": _text(key.id), "rawId": _text(key.id), "type": "public-key", "response": response}
        )


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
