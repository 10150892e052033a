"""Signatures by Standard Webhooks 1.0.0: a receiver knows who says it, that nobody changed it, and that it is new."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
KEY_BYTES = 24


def new_secret() -> str:
    """`whsec_` and 24 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def sign(keys: Iterable[str], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret, as the receiver may know the former one still."""
    said = f"{webhook_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_signature(key, said)}" for key in keys)


def _signature(key: str, said: bytes) -> str:
    raw = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(raw, said, hashlib.sha256).digest()).decode()
