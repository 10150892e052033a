"""Secrets that are kept: sealed with a key made from the portal's own, so that a copy of the database reveals none."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# What the key made here is for: another use of the portal's key makes another one.
PURPOSE = b"portal: secrets of connections"


class CannotUnseal(Exception):
    """It was sealed with another key: `PORTAL_SECRET_KEY` has changed, and the secret has to be rotated."""


def seal(secret: str, secret_key: str) -> bytes:
    """What may be written down; `secret_key` is that of the settings."""
    return _box(secret_key).encrypt(secret.encode())


def unseal(sealed: bytes, secret_key: str) -> str:
    try:
        return _box(secret_key).decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise CannotUnseal("the secret was sealed with another key") from None


@lru_cache(maxsize=4)
def _box(secret_key: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
