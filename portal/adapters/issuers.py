"""What identity providers publish of themselves: where each is asked, and with which keys it signs. Asked rarely, kept
for a while, and checked before it is believed."""

import asyncio
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx

from portal.adapters.egress import Resolve
from portal.adapters.identity_tokens import Keys
from portal.adapters.pinned import Way
from portal.domain.webhooks import check_url

# Seconds for one question with its answer.
IN_ALL = 10.0
# What a provider says of itself, and its keys, are asked for anew after an hour; keys sooner when one is missing.
GOOD_FOR = 3600.0
ANEW_AFTER = 20.0
MOST_KEPT = 500
WELL_KNOWN = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
MORE_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")


# Nothing is packed: what is small when it comes must not unfold.
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "portal-sign-in"}


class _Lent(httpx.AsyncBaseTransport):
    """The way out that all share, which nobody closes who has only borrowed it."""

    def __init__(self, way: Way) -> None:
        self.way = way

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.way.handle_async_request(request)


class ProviderFailed(Exception):
    """The provider is away, or cannot be believed; a sentence for whoever runs it. `is_theirs`: anybody would have met
    with it; otherwise this one sign-in has."""

    def __init__(self, detail: str, *, is_theirs: bool = True) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_theirs = is_theirs


class Issuers:
    """`tls` and `resolve` are for tests."""

    def __init__(
        self,
        *,
        simulated: bool,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        in_all: float = IN_ALL,
        anew_after: float = ANEW_AFTER,
    ) -> None:
        self.simulated = simulated
        self.in_all = in_all
        self.anew_after = anew_after
        self._open = partial(Way, simulated=simulated, resolve=resolve, tls=tls)
        self._way: Way | None = None
        self._kept: OrderedDict[tuple[str, str], tuple[float, Any]] = OrderedDict()

    async def close(self) -> None:
        if self._way is not None:
            await self._way.aclose()

    async def metadata(self, issuer: str) -> Mapping[str, Any]:
        """What the provider says of itself, checked."""
        if kept := self._known("metadata", issuer):
            return kept  # type: ignore[no-any-return]
        if wrong := check_url(issuer, self.simulated):
            raise ProviderFailed(f"The issuer cannot be asked. {wrong}")
        address = issuer.rstrip("/") + WELL_KNOWN
        found = await self.json("GET", address)
        if found.get("issuer") != issuer:
            raise ProviderFailed(
                f"{address} speaks of another issuer: {str(found.get('issuer'))[:200]!r}. "
                f"It has to be {issuer!r}, to the letter."
            )
        for name in (*ENDPOINTS, *(name for name in MORE_ENDPOINTS if found.get(name) is not None)):
            said = found.get(name)
            if not isinstance(said, str) or check_url(said, self.simulated):
                raise ProviderFailed(
                    f"{address} names no address that can be used as {name}: {str(said)[:200]!r}."
                )
        return self._keep("metadata", issuer, found)  # type: ignore[no-any-return]

    async def keys(self, told: Mapping[str, Any], *, anew: bool = False) -> Keys:
        """With which the provider signs; `told` is its metadata."""
        address = told["jwks_uri"]
        if not anew and (kept := self._known("keys", address)) is not None:
            return kept  # type: ignore[no-any-return]
        keys = (await self.json("GET", address)).get("keys")
        if not isinstance(keys, list):
            raise ProviderFailed(f"{address} publishes no keys.")
        return self._keep("keys", address, [key for key in keys if isinstance(key, dict)])  # type: ignore[no-any-return]

    async def json(
        self, method: str, address: str, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """One question, answered with an object."""
        try:
            async with asyncio.timeout(self.in_all), self._asking() as http:
                answer = await http.request(method, address, headers=dict(headers or {}))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ProviderFailed(f"{address} does not answer: {told(error)}.") from error
        if answer.status_code != 200:
            more = ", and redirects are not followed" if answer.is_redirect else ""
            raise ProviderFailed(f"{address} answers {answer.status_code}{more}.")
        try:
            found = answer.json()
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ProviderFailed(f"{address} answers something else than JSON.")
        return found

    def _asking(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.way(), headers=HEADERS, timeout=self.in_all, trust_env=False)

    def way(self) -> httpx.AsyncBaseTransport:
        """Out to providers, for a client that is closed after one question."""
        if self._way is None:
            self._way = self._open()
        return _Lent(self._way)

    def _known(self, what: str, address: str) -> Any:
        kept = self._kept.get((what, address))
        return kept[1] if kept and time.monotonic() - kept[0] < GOOD_FOR else None

    def may_ask_again(self, address: str) -> bool:
        """Whether these keys were not asked for a moment ago: else whoever sends us nonsense could make us ask."""
        kept = self._kept.get(("keys", address))
        return kept is None or time.monotonic() - kept[0] >= self.anew_after

    def _keep(self, what: str, address: str, found: Any) -> Any:
        self._kept[what, address] = (time.monotonic(), found)
        self._kept.move_to_end((what, address))
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found

    def forget(self, issuer: str) -> None:
        """Ask it anew: somebody has changed something."""
        found = self._kept.pop(("metadata", issuer), None)
        if found is not None:
            self._kept.pop(("keys", found[1]["jwks_uri"]), None)


def told(error: Exception) -> str:
    """What went wrong on the way, in a few words."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    return (str(error) or type(error).__name__)[:200]
