"""The key in a mail that lets its reader in: to set their first password, or a new one.

It is signed, so that what is made up is turned away without asking the database; it is written down as a hash, so that
it opens once. The same mail, sent again, carries the same key.
"""

import hashlib

from itsdangerous import BadData, URLSafeSerializer

LONGEST = 400


def secret(key: str, mail_id: int, person_id: int) -> str:
    """`key` is the portal's own."""
    return str(_signer(key).dumps([mail_id, person_id]))


def is_ours(key: str, raw: str) -> bool:
    """Whether this portal has signed it."""
    if len(raw) > LONGEST or not raw.isascii():
        return False
    try:
        _signer(key).loads(raw)
    except BadData:
        return False
    return True


def digest(raw: str) -> bytes:
    """What is kept of it: whoever reads the database learns no key."""
    return hashlib.sha256(raw.encode()).digest()


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="let in by mail", signer_kwargs={"digest_method": hashlib.sha256})
