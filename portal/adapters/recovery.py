"""Recovery codes: ten of 80 bits, shown once, kept as keyed digests, so that a copy of the database opens nothing."""

import base64
import hashlib
import hmac
from typing import Final

COUNT: Final = 10
# Without letters that are taken for one another when they are read off paper.
ALPHABET: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
SIZE: Final = 10
GROUP: Final = 4


def codes(seed: bytes) -> list[str]:
    """All ten follow from 32 bytes that nobody knows."""
    found = []
    for number in range(COUNT):
        part = hmac.new(seed, b"recovery code %d" % number, hashlib.sha256).digest()[:SIZE]
        text = base64.b32encode(part).decode().translate(ALPHABET)
        found.append("-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP)))
    return found


def digest(secret_key: str, person_id: int, code: str) -> bytes:
    """What is kept of one; how it is typed does not matter."""
    plain = "".join(c for c in code.upper() if c.isalnum())[:64]
    said = f"recovery code of person {person_id}: {plain}"
    return hmac.new(secret_key.encode(), said.encode(), hashlib.sha256).digest()
