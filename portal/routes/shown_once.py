"""Secrets that a page shows once. None is written down: what comes of a form keeps a random number, and the secret
follows from that and the portal's own key. So the second of two clicks shows what the first one made, and a copy of
the database tells nothing."""

import base64
import hashlib
import hmac
import secrets

from portal.adapters import sealed
from portal.routes.asking import Asked


def new_nonce() -> str:
    return secrets.token_urlsafe(18)


def endpoint_secret(asked: Asked, nonce: str) -> str:
    """As Standard Webhooks writes it: 24 bytes."""
    return "whsec_" + base64.b64encode(_derived(asked, "endpoint", nonce)[:24]).decode()


def token(asked: Asked, nonce: str) -> str:
    """As `operations.tokens` makes them."""
    return "bp_" + base64.urlsafe_b64encode(_derived(asked, "token", nonce)).decode().rstrip("=")


def seed_of_codes(asked: Asked, nonce: str) -> bytes:
    """What a person's recovery codes follow from."""
    return _derived(asked, "recovery codes", nonce)


def seal(asked: Asked, secret: str) -> bytes:
    """What is kept of an endpoint's secret."""
    return sealed.seal(secret, asked.request.app.state.settings.secret_key)


def _derived(asked: Asked, purpose: str, nonce: str) -> bytes:
    key: str = asked.request.app.state.settings.secret_key
    said = f"shown once: {purpose}: {asked.viewer.person_id}: {nonce}"
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()
