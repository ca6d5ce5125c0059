"""Terms of use: who registers accepts them; changes are told, and accepted by time or use (MB-19)."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

import structlog

from datasources.mongo import PyMongoError, Transaction, describe
from datasources.terms import ToldMeanwhile
from domain.identity import Fault, FaultCode
from domain.members import Member
from domain.outbox import Language, MailKind, Message
from domain.portal import Portal
from domain.terms import (
    Acceptance,
    TermsChange,
    TermsDocument,
    TermsRecord,
    TermsVersion,
)
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.sources import Sources

_AT_ONCE: Final = 200
"Members who are told in one transaction."
_LOOK_SECONDS: Final = 60.0
_log = structlog.get_logger()

Accepted = Sequence[tuple[str, str]]
"Documents and versions that somebody says to accept."


def wrong_terms(portal: Portal, accepted: Accepted, now: datetime) -> Iterator[Refused]:
    """What is wrong with the terms that somebody accepts who registers: all in force are needed."""
    given = dict(accepted)
    current = {document.key: document.current(now) for document in portal.terms}
    for place, (key, version) in enumerate(accepted):
        path = ("acceptedTerms", key)
        wanted = current.get(key)
        if key in [before for before, _ in accepted[:place]]:
            yield RefusedInput(Fault(FaultCode.REPEATED, "stands there already", path))
        elif wanted is None:
            yield Refused(Refusal.NOT_ASKED, *path)
        elif wanted.version != version:
            yield Refused(Refusal.OTHER_TERMS, *path)
    for key, wanted in current.items():
        if wanted is not None and key not in given:
            path = ("acceptedTerms", key)
            yield RefusedInput(Fault(FaultCode.REQUIRED, "must be accepted", path))


async def accept_at_registration(
    sources: Sources, portal: Portal, member: Member, now: datetime, transaction: Transaction
) -> None:
    """Note that a new member accepts what is in force, and tell of what is to come."""
    for document in portal.terms:
        if current := document.current(now):
            record = TermsRecord(
                document.key, current.version, None, None, now, Acceptance.EXPLICIT
            )
            await sources.terms.add([(member, record, document.change)], transaction)
        for version in document.coming(now):
            await _tell(sources, [member], document, version, now, transaction)


async def note_use(
    sources: Sources, portal: Portal, member: str, now: datetime, transaction: Transaction | None
) -> None:
    """Note what a member accepts by using the portal now."""
    if any(document.change is TermsChange.BY_USE for document in portal.terms):
        await sources.terms.note_use(member, now, transaction)


async def tell_members(sources: Sources, portal: Portal, progress: Callable[[int], object]) -> int:
    """Tell all members of a portal of versions that they know nothing of; gives how many notices.

    A second time nobody is told again, also if several do it at once.
    """
    told, after = 0, ""
    while ids := await sources.terms.members_to_tell(portal.key, after, _AT_ONCE):
        members = [*(await sources.members.by_ids(ids)).values()]
        for document in portal.terms:
            for version in document.acceptable(sources.clock()):
                told += await _tell_untold(sources, members, document, version)
        after = ids[-1]
        progress(len(ids))
    return told


async def settle_terms(sources: Sources) -> int:
    """Note what counts as accepted by time alone; gives how many."""
    return await sources.terms.settle(sources.clock())


async def keep_settling_terms(sources: Sources) -> None:
    """Look every minute for terms that count as accepted by time."""
    while True:
        try:
            if count := await settle_terms(sources):
                _log.info("terms count as accepted", count=count)
        except PyMongoError as error:
            _log.warning("cannot settle terms", error=describe(error))
        await asyncio.sleep(_LOOK_SECONDS)


async def _tell_untold(
    sources: Sources, members: Sequence[Member], document: TermsDocument, version: TermsVersion
) -> int:
    async def work(transaction: Transaction) -> int:
        await _tell(sources, untold, document, version, sources.clock(), transaction)
        return len(untold)

    while untold := await sources.terms.untold(members, document.key, version.version):
        try:
            return await sources.mongo.transaction(work)
        except ToldMeanwhile:
            continue  # somebody else tells them: see who is left
    return 0


async def _tell(
    sources: Sources,
    members: Sequence[Member],
    document: TermsDocument,
    version: TermsVersion,
    now: datetime,
    transaction: Transaction,
) -> None:
    """Write down that these members are told, and the mails that tell them."""
    deemed_from = document.deemed_from(version, now)
    record = TermsRecord(document.key, version.version, now, deemed_from)
    await sources.terms.add([(member, record, document.change) for member in members], transaction)
    mails = [mail for member in members for mail in _mails(member, document, version, deemed_from)]
    await sources.outbox.add(mails, transaction)


def _mails(
    member: Member, document: TermsDocument, version: TermsVersion, deemed_from: datetime
) -> list[Message]:
    """The mail, or none to a member without an address, who finds the notice in the portal."""
    email = member.profile.email
    if email is None:
        return []
    language = Language(member.language)
    label = document.label.ja if language is Language.JA else document.label.en
    values = {
        "document": label,
        "version": version.version,
        "starts_at": version.starts_at.isoformat(),
    }
    kind = MailKind.TERMS_BY_USE
    if document.change is TermsChange.AFTER_NOTICE:
        kind = MailKind.TERMS_AFTER_NOTICE
        values["deemed_at"] = deemed_from.isoformat()
    return [Message(kind, member.portal, member.id, email, language, values)]
