"""Mail over SMTP."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from datasources.mail import Mail, MailDelayed, MailRefused

_PORTS: Final = {"smtp": 25, "smtps": 465}
_PERMANENT: Final = 500
_QUIT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail goes."""

    host: str
    port: int
    tls: bool
    "From the first byte; else STARTTLS if the server has it, and always before a password."
    username: str | None
    password: str | None

    @classmethod
    def of(cls, url: str) -> "SmtpServer":
        """From `smtp://user:password@host:port` or `smtps://…`; raises ValueError without secrets."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("KENSHIN_SMTP_URL: host or port cannot be read") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise ValueError(
                "KENSHIN_SMTP_URL must be smtp://[user:password@]host[:port] or smtps://…"
            )
        if (parts.username is None) != (parts.password is None):
            raise ValueError("KENSHIN_SMTP_URL: a user needs a password, and a password a user")
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            username=parts.username and unquote(parts.username),
            password=parts.password and unquote(parts.password),
        )


class SmtpCarrier:
    """One connection to a server, kept while there are mails to carry."""

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        seconds: float,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """`seconds` is what one mail may take; `tls_context` whom to trust, by default the system's."""
        self._server = server
        self._sender = sender
        self._seconds = seconds
        self._tls_context = tls_context
        self._connection: SMTP | None = None

    async def carry(self, mail: Mail) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                connection = await self._connected()
                await connection.sendmail(self._sender, [mail.to], mail.content)
        except SMTPRecipientsRefused as error:
            _judge(error.recipients[0])
        except SMTPDataError as error:
            _judge(error)
        except (SMTPException, OSError) as error:
            self._drop()
            raise MailDelayed(_reason(error)) from None
        except asyncio.CancelledError:
            self._drop()
            raise

    async def rest(self) -> None:
        """Leave as a good guest does."""
        if connection := self._connection:
            with suppress(SMTPException, OSError):
                async with asyncio.timeout(_QUIT_SECONDS):
                    await connection.quit()
        self._drop()

    async def _connected(self) -> SMTP:
        if self._connection and self._connection.is_connected:
            return self._connection
        self._drop()
        server = self._server
        secret = server.username is not None
        self._connection = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=self._sender.rpartition("@")[2],
            timeout=self._seconds,
            use_tls=server.tls,
            start_tls=True if secret and not server.tls else None,
            # Whoever can pretend to be a server without a password can also hide its STARTTLS.
            validate_certs=secret or server.tls,
            tls_context=self._tls_context,
        )
        await self._connection.connect()
        return self._connection

    def _drop(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


def _judge(error: SMTPResponseException) -> None:
    """What the server says of this one mail; the connection is as good as before."""
    if error.code >= _PERMANENT:
        raise MailRefused(_reason(error))
    raise MailDelayed(_reason(error))


def _reason(error: Exception) -> str:
    """An error without what the server wrote, which may name the address."""
    name = type(error).__name__
    return f"{name} {error.code}" if isinstance(error, SMTPResponseException) else name
