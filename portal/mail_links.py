"""The link in a mail that leads its reader to the page where they decide.

It is signed, so that what is made up is turned away without asking the database; it is written down, so that it works
once. The same mail, sent again, carries the same link.
"""

import hashlib

from itsdangerous import BadData, URLSafeSerializer

LONGEST = 400


def token(secret: str, mail_id: int, request_id: int, person_id: int) -> str:
    return str(_signer(secret).dumps([mail_id, request_id, person_id]))


def is_ours(secret: str, raw: str) -> bool:
    """Whether this portal has signed it."""
    if len(raw) > LONGEST or not raw.isascii():
        return False
    try:
        _signer(secret).loads(raw)
    except BadData:
        return False
    return True


def digest(raw: str) -> bytes:
    """What is kept of it: whoever reads the database learns no link."""
    return hashlib.sha256(raw.encode()).digest()


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="approval by mail", signer_kwargs={"digest_method": hashlib.sha256})
