"""The link at the foot of a mail by which its reader stops mails of its kinds: for one person, good for ever, and worth
nothing else. Nobody has to be signed in, and nothing is kept: it is signed (RFC 8058).
"""

import hashlib
from collections.abc import Collection

from itsdangerous import BadData, URLSafeSerializer

# All kinds of news in one link, twice over.
LONGEST = 1_500


def path(secret: str, person_id: int, kinds: Collection[str]) -> str:
    """Where a mail leads to: `/unsubscribe/...`."""
    return f"/unsubscribe/{token(secret, person_id, kinds)}"


def token(secret: str, person_id: int, kinds: Collection[str]) -> str:
    """The same for the same person and kinds, in whatever order these are named."""
    return str(_signer(secret).dumps([person_id, sorted(set(kinds))]))


def read(secret: str, raw: str) -> tuple[int, tuple[str, ...]] | None:
    """(person, kinds); None when this portal has not signed it."""
    if len(raw) > LONGEST or not raw.isascii():
        return None
    try:
        person_id, kinds = _signer(secret).loads(raw)
    except (BadData, ValueError, TypeError):
        return None
    return int(person_id), tuple(kinds)


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="stop mails", signer_kwargs={"digest_method": hashlib.sha256})
