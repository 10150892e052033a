"""Authenticator apps (RFC 6238): secrets, the code that shows one to a camera, and which step of time a code is of."""

import hmac
import io
import time
from typing import Final

import pyotp
import segno
from markupsafe import Markup

STEP: Final = 30
# Clocks of phones differ: one step before and one after are taken too.
AROUND: Final = 1
DIGITS: Final = 6


def new_secret() -> str:
    """160 bits, as apps take them."""
    return pyotp.random_base32(32)


def address(secret: str, email: str, issuer: str) -> str:
    """What an app reads from the picture."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=email, issuer_name=issuer)


def picture(said: str) -> Markup:
    """An SVG to stand in a page: dark on light in any colours, for cameras want it so."""
    code = segno.make(said, error="m", micro=False)
    drawn = io.BytesIO()
    code.save(
        drawn, kind="svg", xmldecl=False, svgns=False, scale=4, border=4, light="#ffffff", dark="#000000",
        svgclass="qr", lineclass=None, omitsize=True,
    )  # fmt: skip
    return Markup(drawn.getvalue().decode().strip())  # noqa: S704 - figures alone


def step_of(secret: str, code: str, now: float | None = None) -> int | None:
    """The step of real time that the code is of; None when it is of none near now."""
    said = "".join(code.split())
    if len(said) != DIGITS or not said.isascii() or not said.isdigit():
        return None
    current = int((time.time() if now is None else now) // STEP)
    codes = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    found = None
    # All are compared, however early one fits.
    for step in range(current - AROUND, current + AROUND + 1):
        if hmac.compare_digest(codes.generate_otp(step), said):
            found = step
    return found
