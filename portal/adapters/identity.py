"""Companies' own identity providers, over OpenID Connect: where a sign-in begins, what came of it, how it ends.

Whoever administers an account names the provider, so it is a stranger's machine: it is reached on the public internet
only, its answers have an end and a time limit, and each of them may lie. What it says of itself is believed when it
names the issuer that was arranged; what it says of a person when it has signed it for this sign-in.
"""

import asyncio
import secrets
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.deprecate import AuthlibDeprecationWarning

from portal.adapters import identity_tokens
from portal.adapters.identity_tokens import Claims, Keys, NoKey, Untrusted
from portal.adapters.issuers import HEADERS, Issuers, ProviderFailed, told

with warnings.catch_warnings():
    # It would rather have the successor of httpx.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.base_client import OAuthError
    from authlib.integrations.httpx_client import AsyncOAuth2Client


# Claims that speak of the address beside them.
VOUCHES = frozenset({"email_verified", "xms_edov"})


@dataclass(frozen=True, slots=True)
class Client:
    """As whom we are known to a provider."""

    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """What the provider says of whoever has signed in."""

    subject: str
    session: str | None
    claims: Claims
    id_token: str = field(repr=False)


class Identity:
    """Sends people to their provider, and reads what it says when they come back."""

    def __init__(self, issuers: Issuers) -> None:
        self.issuers = issuers

    async def begin(
        self, client: Client, state: str, *, nonce: str, verifier: str, more: Mapping[str, str] | None = None
    ) -> str:
        """The address that the browser is sent to. `more`: `prompt`, `max_age`, `login_hint`."""
        known = await self.issuers.metadata(client.issuer)
        async with self._oauth(client, known) as oauth:
            url, _ = oauth.create_authorization_url(
                known["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **(more or {}),
            )
        return str(url)

    async def finish(
        self,
        client: Client,
        code: str,
        *,
        nonce: str,
        verifier: str,
        answering: str | None,
        wants: Collection[str] = (),
        proved_since: float | None = None,
    ) -> Said:
        """Exchange the code, and say who has signed in. `answering` is the `iss` that the browser brought back; of the
        claims that are wanted those that the token leaves out are asked for."""
        known = await self.issuers.metadata(client.issuer)
        self._same_issuer(client, known, answering)
        given = await self._exchange(client, known, code, verifier)

        async def read(keys: Keys) -> Claims:
            return identity_tokens.identity(
                given.get("id_token"),
                keys,
                issuer=client.issuer,
                client_id=client.client_id,
                nonce=nonce,
                access_token=given.get("access_token"),
                proved_since=proved_since,
            )

        claims = await self._believed(known, read)
        claims = await self._more(known, given.get("access_token"), claims, wants)
        session = claims.get("sid")
        return Said(
            claims["sub"], session if isinstance(session, str) else None, claims, str(given["id_token"])
        )

    @staticmethod
    def _same_issuer(client: Client, known: Mapping[str, Any], answering: str | None) -> None:
        """One provider's answer brought to another one's attempt is a mix-up, or an attack (RFC 9207)."""
        if answering is None and known.get("authorization_response_iss_parameter_supported") is not True:
            return
        if answering != client.issuer:
            raise ProviderFailed(
                "The answer came from another provider than the one that was asked.", is_theirs=False
            )

    async def logout(self, client: Client, token: str) -> Claims:
        """What a logout token says."""
        known = await self.issuers.metadata(client.issuer)

        async def read(keys: Keys) -> Claims:
            return identity_tokens.logout(token, keys, issuer=client.issuer, client_id=client.client_id)

        return await self._believed(known, read)

    async def leaving(self, client: Client, id_token: str | None, back_to: str) -> str | None:
        """Where the browser ends the session there as well; None where the provider has no such address."""
        address = (await self.issuers.metadata(client.issuer)).get("end_session_endpoint")
        if address is None:
            return None
        asked = {"client_id": client.client_id, "post_logout_redirect_uri": back_to}
        if id_token:
            asked["id_token_hint"] = id_token
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"

    async def _exchange(
        self, client: Client, known: Mapping[str, Any], code: str, verifier: str
    ) -> Mapping[str, Any]:
        async with self._oauth(client, known) as oauth:
            try:
                async with asyncio.timeout(self.issuers.in_all):
                    given = await oauth.fetch_token(
                        known["token_endpoint"],
                        grant_type="authorization_code",
                        code=code,
                        code_verifier=verifier,
                    )
            except OAuthError as error:
                # A code that is used again, or made up, says nothing of the provider.
                raise ProviderFailed(
                    f"The provider gives no token: {str(error.error)[:100]}.",
                    is_theirs=error.error != "invalid_grant",
                ) from error
            except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
                raise ProviderFailed(f"{known['token_endpoint']} does not answer: {told(error)}.") from error
        if not isinstance(given, Mapping) or not isinstance(given.get("id_token"), str):
            raise ProviderFailed("The provider gives no ID token: is the scope openid allowed there?")
        return given

    async def _believed(self, known: Mapping[str, Any], read: Any) -> Claims:
        """With the keys that are known; once with new ones, when none of those has signed it."""
        try:
            try:
                return await read(await self.issuers.keys(known))  # type: ignore[no-any-return]
            except NoKey:
                if not self.issuers.may_ask_again(known["jwks_uri"]):
                    raise
                return await read(await self.issuers.keys(known, anew=True))  # type: ignore[no-any-return]
        except Untrusted as error:
            raise ProviderFailed(f"The provider's token is not believed: {error}.") from error

    async def _more(
        self, known: Mapping[str, Any], access_token: object, claims: Claims, wants: Collection[str]
    ) -> Claims:
        """What the token leaves to the provider's page about people; what it says itself counts."""
        address = known.get("userinfo_endpoint")
        if address is None or not isinstance(access_token, str) or all(name in claims for name in wants):
            return claims
        found = await self.issuers.json("GET", address, {"Authorization": f"Bearer {access_token}"})
        if found.get("sub") != claims["sub"]:
            raise ProviderFailed(f"{address} speaks of somebody else than the token.")
        # Whether an address is verified is said of that address, and not of another one.
        if found.get("email") != claims.get("email", found.get("email")):
            found = {name: value for name, value in found.items() if name not in VOUCHES}
        return {**found, **claims}

    def _oauth(self, client: Client, known: Mapping[str, Any]) -> Any:
        return AsyncOAuth2Client(
            client.client_id,
            client.secret,
            token_endpoint_auth_method=_method(client, known),
            scope=" ".join(dict.fromkeys(("openid", *client.scopes))),
            redirect_uri=client.redirect_uri,
            code_challenge_method="S256",
            transport=self.issuers.way(),
            headers=HEADERS,
            timeout=self.issuers.in_all,
            trust_env=False,
            follow_redirects=False,
        )


def new_secret() -> str:
    """For a nonce, or what proves that an exchange belongs to its beginning (PKCE)."""
    return secrets.token_urlsafe(48)


def _method(client: Client, known: Mapping[str, Any]) -> str:
    """How the secret is shown: as the provider takes it."""
    if client.secret is None:
        return "none"
    taken = known.get("token_endpoint_auth_methods_supported")
    if isinstance(taken, list) and "client_secret_basic" not in taken and "client_secret_post" in taken:
        return "client_secret_post"
    return "client_secret_basic"
