"""Where a mail comes back to when nobody takes it: an address of its own for each, so that a report names its mail
whatever language and shape it has. It is signed: nobody else can say that a mail came back.
"""

import hashlib
import hmac
import re

BEGINS = "bounce+"
SHAPE = re.compile(r"bounce\+(\d{1,18})\.([0-9a-f]{20})@", re.IGNORECASE)


def address(secret: str, mail_id: int, sender: str) -> str:
    """The envelope sender of a mail, at the domain that mail is sent from: `bounce+17.3f0c...@portal.example`."""
    return f"{BEGINS}{mail_id}.{_seal(secret, mail_id)}@{sender.rpartition('@')[2]}"


def read(secret: str, text: str) -> int | None:
    """The mail that the first genuine address in a text belongs to. Mail servers may have changed its case."""
    for number, seal in SHAPE.findall(text):
        if hmac.compare_digest(seal.lower(), _seal(secret, int(number))):
            return int(number)
    return None


def _seal(secret: str, mail_id: int) -> str:
    return hmac.new(secret.encode(), f"bounce:{mail_id}".encode(), hashlib.sha256).hexdigest()[:20]
