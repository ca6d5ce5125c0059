"""What the addresses of a member come to, and what is wrong with a new one (MB-5, MB-13)."""

from collections.abc import Sequence
from dataclasses import replace

from domain.identity import Fault, FaultCode, FieldPath, email_fault
from domain.members import email_key
from domain.policy import EmailRule

_FIELD: FieldPath = ("email",)


def first_email_fault(rule: EmailRule, present: Sequence[str], email: str) -> Fault | None:
    """What is wrong with an address that is to take the place of the first one."""
    if fault := email_fault(rule, email, _FIELD):
        return fault
    return _repeated() if email_key(email) in map(email_key, present[:1]) else None


def one_more_email_fault(rule: EmailRule, present: Sequence[str], email: str) -> Fault | None:
    """What is wrong with an address that is to be one more."""
    if fault := email_fault(rule, email, _FIELD):
        return fault
    if email_key(email) in map(email_key, present):
        return _repeated()
    return too_many_fault(rule, len(present) + 1, _FIELD)


def more_email_faults(rule: EmailRule, first: str, more: Sequence[str]) -> list[Fault]:
    """What is wrong with addresses that are to stand beside a first one; each has its place."""
    faults = (
        (place, one_more_email_fault(rule, [first, *more[:place]], email))
        for place, email in enumerate(more)
    )
    return [replace(fault, field=("moreEmails", str(place))) for place, fault in faults if fault]


def too_many_fault(rule: EmailRule, count: int, field: FieldPath) -> Fault | None:
    if count <= rule.max_addresses:
        return None
    most = f"{rule.max_addresses} address{'es' if rule.max_addresses > 1 else ''}"
    message = f"must be at most {most}, found {count}"
    return Fault(FaultCode.TOO_MANY, message, field)


def with_first(present: Sequence[str], email: str) -> list[str]:
    """Addresses of which the first is replaced, perhaps by one of the others."""
    return [email, *without(present[1:], email)]


def with_one_more(present: Sequence[str], email: str) -> list[str]:
    return [*without(present, email), email]


def without(present: Sequence[str], email: str) -> list[str]:
    return [each for each in present if email_key(each) != email_key(email)]


def _repeated() -> Fault:
    return Fault(FaultCode.REPEATED, "is your address already", _FIELD)
