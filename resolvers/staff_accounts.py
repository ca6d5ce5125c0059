"""Accounts of staff, as the operator makes and ends them at the command line."""

import secrets
from collections.abc import Sequence

from datasources.breached_passwords import breached_passwords
from datasources.mongo import Transaction
from domain.audit import AuditAct, AuditRecord
from domain.identity import Fault, password_fault, text_fault
from domain.issuing import issued
from domain.staff import LOGIN_ID, NAME, PASSWORD, PASSWORD_LENGTH, Staff, StaffCredentials
from resolvers.passwords import PASSWORDS
from resolvers.sources import Sources
from resolvers.staff_sessions import log_in_account


def new_id() -> str:
    return secrets.token_hex(12)


def made_up_password() -> str:
    """A password that is shown once."""
    return issued(PASSWORD.form, PASSWORD_LENGTH, secrets.choice)


def faults(staff: Staff, password: str) -> Sequence[Fault]:
    """What is wrong with an account that is to be made."""
    found = [
        text_fault(LOGIN_ID, staff.login_id, ("LOGIN",)),
        text_fault(NAME, staff.name, ("--name",)),
        wrong_password(staff, password),
    ]
    return [fault for fault in found if fault is not None]


def wrong_password(staff: Staff, password: str) -> Fault | None:
    return password_fault(PASSWORD, password, staff.login_id, breached_passwords(), ("password",))


async def add(sources: Sources, staff: Staff, password: str) -> None:
    """Make an account; raises StaffLoginTaken."""
    password_hash = await PASSWORDS.hash(password)

    async def work(transaction: Transaction) -> None:
        await sources.staff.add(staff, password_hash, sources.clock(), transaction)
        await _keep(sources, AuditAct.STAFF_ADDED, staff, transaction)

    await sources.mongo.transaction(work)


async def set_password(sources: Sources, known: StaffCredentials, password: str) -> bool:
    """Replace a forgotten password, open a lock and end all sessions; False if that came too late."""
    password_hash = await PASSWORDS.hash(password)
    staff = known.staff

    async def work(transaction: Transaction) -> bool:
        if not await sources.staff.set_password(known, password_hash, transaction):
            return False
        await sources.attempts.forget(log_in_account(staff.login_id), transaction)
        await sources.staff_sessions.end_all(staff.id, transaction)
        await _keep(sources, AuditAct.STAFF_PASSWORD_SET, staff, transaction)
        return True

    return await sources.mongo.transaction(work)


async def end(sources: Sources, known: StaffCredentials) -> bool:
    """End an account and all its sessions; False if that came too late."""
    staff = known.staff

    async def work(transaction: Transaction) -> bool:
        if not await sources.staff.end(known, sources.clock(), transaction):
            return False
        await sources.staff_sessions.end_all(staff.id, transaction)
        await _keep(sources, AuditAct.STAFF_ENDED, staff, transaction)
        return True

    return await sources.mongo.transaction(work)


async def _keep(sources: Sources, act: AuditAct, staff: Staff, transaction: Transaction) -> None:
    record = AuditRecord(sources.clock(), act, None, None, subject=staff.id)
    await sources.audit.add([record], transaction)
