"""The form of who registers, checked by the portal's policy: everything that is wrong, at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from datasources.breached_passwords import breached_passwords
from domain.identity import (
    Fault,
    FaultCode,
    login_id_fault,
    password_fault,
    profile_faults,
    text_fault,
)
from domain.own_emails import more_email_faults
from domain.policy import Course, CourseKind, LoginIdSource, PostcardSecret
from domain.portal import Portal
from domain.profile_changes import repeated_faults
from domain.recovery import GivenAnswer
from domain.text_forms import Characters, TextForm
from resolvers.refusals import Refusal, Refused, RefusedForm, RefusedInput, refuse_too_many
from resolvers.secret_answers import registration_reasons
from resolvers.terms import wrong_terms

_LAST_FOUR: Final = TextForm(4, 4, Characters.DIGITS)
_KEY: Final = TextForm(1, 200, Characters.HALF_WIDTH_VISIBLE)


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """What a person has entered; None is what was left out."""

    course: CourseKind | None
    login_id: str | None
    password: str | None = field(repr=False)
    last_four: str | None = field(repr=False)
    fields: Sequence[tuple[str, str]]
    idempotency_key: str | None
    more_emails: Sequence[str] = ()
    recovery: GivenAnswer | None = None
    accepted_terms: Sequence[tuple[str, str]] = ()
    "Documents and versions."

    @property
    def values(self) -> dict[str, str]:
        return dict(self.fields)


def checked_course(
    portal: Portal, form: RegistrationForm, email: str, now: datetime
) -> Course | None:
    """The course that was chosen, None where there are none; raises Refused with all that is wrong."""
    refuse_too_many(form.fields, "fields")
    refuse_too_many(form.more_emails, "moreEmails")
    refuse_too_many(form.accepted_terms, "acceptedTerms")
    course = next((each for each in portal.proof.courses if each.kind is form.course), None)
    if form.course is not None and course is None:
        raise Refused(Refusal.NO_SUCH_COURSE, "course")
    reasons = [
        *_reasons(portal, form, course, email),
        *wrong_terms(portal, form.accepted_terms, now),
    ]
    if reasons:
        raise RefusedForm(reasons)
    return course


def password_comes_by_postcard(course: Course | None) -> bool:
    card = course.postcard if course else None
    return card is not None and card.secret is PostcardSecret.PASSWORD


def _reasons(
    portal: Portal, form: RegistrationForm, course: Course | None, email: str
) -> Iterator[Refused]:
    if portal.proof.courses and course is None:
        yield RefusedInput(Fault(FaultCode.REQUIRED, "must be one of the courses", ("course",)))
    yield from _login_id_reasons(portal, form)
    yield from _password_reasons(portal, form, course, email)
    yield from _last_four_reasons(form, course)
    yield from map(RefusedInput, more_email_faults(portal.email, email, form.more_emails))
    yield from map(RefusedInput, repeated_faults(form.fields))
    faults = profile_faults(portal.registration_form, form.values, ("fields",))
    yield from map(RefusedInput, faults)
    yield from registration_reasons(portal.recovery, form.recovery)
    if form.idempotency_key is not None:
        fault = text_fault(_KEY, form.idempotency_key, ("idempotencyKey",))
        if fault is not None:
            yield RefusedInput(fault)


def _login_id_reasons(portal: Portal, form: RegistrationForm) -> Iterator[Refused]:
    if portal.login_id.source is LoginIdSource.CHOSEN:
        if fault := login_id_fault(portal, form.login_id or ""):
            yield RefusedInput(fault)
    elif form.login_id is not None:
        yield Refused(Refusal.NOT_ASKED, "loginId")


def _password_reasons(
    portal: Portal, form: RegistrationForm, course: Course | None, email: str
) -> Iterator[Refused]:
    if password_comes_by_postcard(course):
        if form.password is not None:
            yield Refused(Refusal.NOT_ASKED, "password")
        return
    is_email = portal.login_id.source is LoginIdSource.EMAIL
    login_id = email if is_email else form.login_id or ""
    rule, given = portal.password, form.password or ""
    if fault := password_fault(rule, given, login_id, breached_passwords()):
        yield RefusedInput(fault)


def _last_four_reasons(form: RegistrationForm, course: Course | None) -> Iterator[Refused]:
    if course is not None and course.last_four:
        if fault := text_fault(_LAST_FOUR, form.last_four or "", ("lastFour",)):
            yield RefusedInput(fault)
    elif form.last_four is not None:
        yield Refused(Refusal.NOT_ASKED, "lastFour")
