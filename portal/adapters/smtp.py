"""The way out for mail: one connection to the mail server, kept for as long as there is something to send."""

from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Self

import aiosmtplib

# Seconds for each word of the conversation. The whole of a mail stays far below what a job may take.
WORD_LIMIT = 5.0
SHUTTING_DOWN = 421


class Later(Exception):
    """The server cannot be reached, or does not take it now; `for_everybody`: nor anything else."""

    def __init__(self, said: str, *, for_everybody: bool = True) -> None:
        super().__init__(said)
        self.for_everybody = for_everybody


class Never(Exception):
    """The server has refused this mail, and would again."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in. `security` is none, starttls or tls."""

    host: str
    port: int
    security: str = "none"
    user: str = ""
    password: str = ""


class Post:
    """`async with Post(server) as post: await post.send(message)`; connects when the first mail is sent."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._client: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()

    async def send(self, message: EmailMessage, back_to: str | None = None) -> None:
        """Hand it over. When this returns, the server has said that it has it. A server that finds out later that it
        cannot deliver it reports that to `back_to`."""
        try:
            client = await self._connected()
            await client.send_message(message, sender=back_to)
        except aiosmtplib.SMTPResponseException as said:
            await self._forget()
            raise _refused(said.code, said.message) from said
        except aiosmtplib.SMTPRecipientsRefused as nobody:
            await self._forget()
            first = nobody.recipients[0]
            raise _refused(first.code, first.message, for_everybody=first.code == SHUTTING_DOWN) from nobody
        except (aiosmtplib.SMTPException, OSError) as away:
            await self._forget()
            raise Later(f"the mail server does not answer: {away}") from away

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is None or not self._client.is_connected:
            server = self.server
            client = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                timeout=WORD_LIMIT,
            )
            await client.connect()
            self._client = client
        return self._client

    async def _forget(self) -> None:
        """After an error nobody knows where the conversation stands: the next mail begins a new one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _refused(code: int, text: str, *, for_everybody: bool = True) -> Later | Never:
    """What begins with 5 is for good; only the server's own trouble passes."""
    said = f"{code} {text}".strip()
    is_final = 500 <= code < 600 and code not in {530, 535, 538}
    return Never(said) if is_final else Later(said, for_everybody=for_everybody)
