"""The postman: takes mails from the outbox and hands them over, in every process at the same time."""

import asyncio
import random
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from datasources.mail import (
    Carrier,
    MailDelayed,
    MailRefused,
    OpenCarrier,
    envelope_address,
    mail_of,
)
from datasources.mail_folder import MailFolder
from datasources.mongo import PyMongoError, describe
from datasources.smtp import SmtpCarrier, SmtpServer
from domain.outbox import Channel, Dispatch, InvalidMessage, pause_before
from domain.settings import Settings
from resolvers.sources import Sources

_CARRIERS: Final = 4
_LEASES_PER_MAIL: Final = 2
"A lease is twice the time that a mail may take: the rest is for saying that it was sent."
_SHORTEST_REST: Final = 0.05
"Seconds until another look, after something was added: its transaction has to be committed first."
_LONGEST_REST: Final = 2.0
_RETRY_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 5.0
"How long a mail under way may hold up the end of the process."
_log = structlog.get_logger()


def open_carrier(settings: Settings) -> OpenCarrier | None:
    """How mail leaves: by SMTP, into a folder, or (None) not at all.

    Raises ValueError for settings that contradict each other or cannot be used.
    """
    try:
        envelope_address(settings.mail_from)
    except InvalidMessage:
        raise ValueError("KENSHIN_MAIL_FROM must be an e-mail address") from None
    if settings.smtp_url and settings.mail_folder:
        raise ValueError("set KENSHIN_SMTP_URL or KENSHIN_MAIL_FOLDER, not both")
    if settings.smtp_url:
        server = SmtpServer.of(settings.smtp_url)
        return lambda: SmtpCarrier(server, settings.mail_from, settings.mail_seconds)
    if settings.mail_folder:
        folder = MailFolder(Path(settings.mail_folder))
        return lambda: folder
    return None


class Postman:
    """Carries the mails of a process away; what it takes and does not finish, another one will."""

    def __init__(self, sources: Sources, open_carrier: OpenCarrier) -> None:
        self._sources = sources
        self._outbox = sources.outbox
        self._open_carrier = open_carrier
        self._lease = timedelta(seconds=sources.settings.mail_seconds * _LEASES_PER_MAIL)
        self._holder = secrets.token_hex(8)
        self._ending = False

    async def run(self) -> None:
        """Comes back only when cancelled, and when the mails under way are gone."""
        rounds = [asyncio.create_task(self._go_round()) for _ in range(_CARRIERS)]
        try:
            await asyncio.wait(rounds, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            self._ending = True
            self._outbox.added.set()
            _, late = await asyncio.wait(rounds, timeout=_GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for task in rounds:
            task.result()

    async def _go_round(self) -> None:
        carrier = self._open_carrier()
        rest = _SHORTEST_REST
        while not self._ending:
            if await self._carry_next(carrier):
                rest = _SHORTEST_REST
                continue
            await carrier.rest()
            rest = await self._rest(rest)
        await carrier.rest()

    async def _rest(self, seconds: float) -> float:
        """Wait until something was added, or for so long; gives how long to wait the next time."""
        if self._ending:
            return seconds
        try:
            async with asyncio.timeout(seconds):
                await self._outbox.added.wait()
        except TimeoutError:
            return min(seconds * 2, _LONGEST_REST)
        if not self._ending:
            self._outbox.added.clear()
        await asyncio.sleep(_SHORTEST_REST)
        return _SHORTEST_REST

    async def _carry_next(self, carrier: Carrier) -> bool:
        """Whether there was a mail to carry."""
        try:
            dispatch = await self._outbox.take(Channel.MAIL, self._holder, self._lease)
            if dispatch is None:
                return False
            if dispatch.give_up_at <= self._sources.clock():
                await self._give_up(dispatch, "EXPIRED")
            else:
                await self._carry(carrier, dispatch)
        except PyMongoError as error:
            _log.warning("the outbox does not answer", error=describe(error))
            return False
        return True

    async def _carry(self, carrier: Carrier, dispatch: Dispatch) -> None:
        message = dispatch.message
        try:
            portal = self._sources.portals[message.portal]
            text = self._sources.mail_texts[message.kind, message.language].filled(message, portal)
            mail = mail_of(dispatch, text, portal, self._sources.settings.mail_from)
            await carrier.carry(mail)
        except KeyError:
            await self._give_up(dispatch, "UNKNOWN_PORTAL")
        except InvalidMessage:
            await self._give_up(dispatch, "BAD_ADDRESS")
        except MailRefused as error:
            await self._give_up(dispatch, str(error))
        except MailDelayed as error:
            await self._postpone(dispatch, str(error))
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever is wrong with this mail must not keep the others from leaving.
            _log.exception("a mail could not be made or sent", mail=dispatch.id)
            await self._postpone(dispatch, type(error).__name__)
        else:
            await self._note_sent(dispatch)

    async def _note_sent(self, dispatch: Dispatch) -> None:
        """It is sent, whatever happens to the database: go on until that is written down."""
        while True:
            try:
                await self._outbox.sent([dispatch.id])
            except PyMongoError as error:
                _log.warning("cannot note that a mail was sent", error=describe(error))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._note("mail sent", dispatch)
                return

    async def _postpone(self, dispatch: Dispatch, reason: str) -> None:
        pause = pause_before(dispatch.attempt + 1, random.random())  # noqa: S311 - spreads only
        if dispatch.give_up_at <= self._sources.clock() + pause:
            await self._give_up(dispatch, reason)
        else:
            await self._outbox.postpone(dispatch.id, self._holder, pause, reason)
            self._note("mail delayed", dispatch, reason)

    async def _give_up(self, dispatch: Dispatch, reason: str) -> None:
        await self._outbox.give_up(dispatch.id, self._holder, reason)
        self._note("mail given up", dispatch, reason)

    @staticmethod
    def _note(event: str, dispatch: Dispatch, reason: str | None = None) -> None:
        """A line of the log that names nobody."""
        extra = {} if reason is None else {"reason": reason}
        _log.info(
            event, mail=dispatch.id, kind=dispatch.message.kind, attempt=dispatch.attempt, **extra
        )
