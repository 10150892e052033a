"""An ERP that is asked over HTTP, as docs/erp.md says. Slow, down, or lying: whoever asks is told so, in time."""

import asyncio
import logging
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import httpx
import msgspec

from portal import tracing
from portal.clock import utc_now
from portal.domain.credit import Figures, Heard

# From the first byte that is sent to the last that is read, connecting included.
IN_ALL_SECONDS = 0.8
# The answer for a hundred accounts has a tenth of that.
LARGEST_ANSWER = 256 * 1024
MOST_ACCOUNTS = 100
# One below nothing can be read: that it cannot be right is said by whoever judges it.
AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,3})?")

log = logging.getLogger(__name__)


class _Account(msgspec.Struct, forbid_unknown_fields=False):
    """One account as the ERP tells it. Amounts are strings: a JSON number may have lost a penny on its way."""

    account: str
    currency: str
    credit_limit: str | None
    invoiced_unpaid: str
    credit_hold: bool = False
    other_orders: str = "0"
    portal_invoiced: str = "0"
    as_of: datetime | None = None


class _Answer(msgspec.Struct):
    accounts: list[_Account]


_decode = msgspec.json.Decoder(_Answer).decode


class Unreadable(ValueError):
    """What came is not what docs/erp.md says."""


class HttpErp:
    """Asks `GET {url}/credit?account=...`."""

    is_connected = True

    def __init__(self, url: str, token: str, *, in_all: float = IN_ALL_SECONDS) -> None:
        self.in_all = in_all
        self.client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=in_all,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30),
        )

    async def ask(self, accounts: Sequence[str]) -> Heard:
        """Figures of these accounts, or for each of them why there are none."""
        asked = list(dict.fromkeys(accounts))[:MOST_ACCOUNTS]
        try:
            with tracing.span("GET /credit", "client", server_address=self.client.base_url.host):
                async with asyncio.timeout(self.in_all):
                    body = await self._get(asked)
            told = _read(body, utc_now())
        except TimeoutError:
            problem = "timeout"
        except httpx.TimeoutException:
            problem = "timeout"
        except httpx.HTTPStatusError:
            problem = "failed"
        except httpx.HTTPError:
            problem = "unreachable"
        except Unreadable:
            problem = "unreadable"
        else:
            return _sorted(asked, told)
        log.warning("The ERP gave no figures of %d accounts: %s", len(asked), problem)
        return Heard(utc_now(), problems=dict.fromkeys(asked, problem))

    async def _get(self, asked: Sequence[str]) -> bytes:
        async with self.client.stream("GET", "/credit", params=[("account", a) for a in asked]) as answer:
            if answer.status_code != 200:
                raise httpx.HTTPStatusError("not 200", request=answer.request, response=answer)
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise Unreadable("too long")
        return bytes(body)

    async def close(self) -> None:
        await self.client.aclose()


def _read(body: bytes, now: datetime) -> dict[str, Figures]:
    try:
        answer = _decode(body).accounts
        told = {one.account: _figures(one, now) for one in answer}
    except (msgspec.DecodeError, ArithmeticError, ValueError, RecursionError) as wrong:
        raise Unreadable(str(wrong)) from wrong
    if len(told) < len(answer):
        raise Unreadable("an account is told of twice")
    return told


def _figures(told: _Account, now: datetime) -> Figures:
    as_of = told.as_of or now
    if as_of.tzinfo is None:
        raise Unreadable("an instant without its offset")
    return Figures(
        told.account,
        told.currency,
        _amount(told.credit_limit) if told.credit_limit is not None else None,
        told.credit_hold,
        _amount(told.invoiced_unpaid),
        _amount(told.other_orders),
        _amount(told.portal_invoiced),
        as_of,
        now,
    )


def _amount(raw: str) -> Decimal:
    if not AMOUNT.fullmatch(raw):
        raise Unreadable(f"{raw[:40]!r} is no amount")
    return Decimal(raw)


def _sorted(asked: Sequence[str], told: dict[str, Figures]) -> Heard:
    """An answer that tells of somebody nobody asked for is not to be trusted with the rest."""
    now = utc_now()
    if told.keys() - set(asked):
        log.warning("The ERP told of accounts that nobody asked for: none of %d is believed", len(asked))
        return Heard(now, problems=dict.fromkeys(asked, "other_account"))
    silent = {account: "unknown_account" for account in asked if account not in told}
    return Heard(now, told, silent)
