"""Portal policy: the rules of one electricity company's portal, read from `portals/*.toml`.

Typed values only; reading the files is `datasources.portal_files`. No code asks which portal it
serves, it asks the policy for a rule.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from domain.billing_policy import BillingPolicy
from domain.calendar import shift_months
from domain.external_log_in import ExternalLogInRule
from domain.policy import (
    ContractFact,
    CourseKind,
    Duty,
    EmailRule,
    FirstLogin,
    Lockout,
    LoginIdRule,
    LoginIdSource,
    MailKindRule,
    PasswordRule,
    PostcardSecret,
    Proof,
    Recovery,
    RecoveryWay,
    Registrant,
    Registration,
    SecondFactor,
    Withdrawal,
)
from domain.policy_tables import Between, Only, WrongValue, read_table
from domain.profile_form import Asked, ProfileForm, repeated
from domain.slots import TOKYO, date_of_day, day_at
from domain.terms import TermsDocument


@dataclass(frozen=True, slots=True)
class Portal:
    """Rules of one portal."""

    key: str
    name: str
    company: str
    zone: Annotated[str, Only(TOKYO.key)]
    "Usage is kept by days of this zone."
    history_months: Annotated[int, Between(1, 120)]
    "How far back usage and bills can be seen (US-1, BI-1)."
    reading_due_minutes: Annotated[int, Between(0, 24 * 60)]
    "A half hour without a value counts as MISSING this long after it ended (US-3)."
    registration: Registration
    login_id: LoginIdRule
    password: PasswordRule
    email: EmailRule
    proof: Proof
    lockout: Lockout
    recovery: Recovery
    profile: ProfileForm
    first_login: FirstLogin
    withdrawal: Withdrawal
    billing: BillingPolicy
    mail_kinds: tuple[MailKindRule, ...]
    second_factor: SecondFactor | None = None
    external_log_in: ExternalLogInRule | None = None
    terms: tuple[TermsDocument, ...] = ()
    "Documents that everybody accepts who registers (MB-19)."

    @property
    def reading_due(self) -> timedelta:
        return _minutes(self.reading_due_minutes)

    @property
    def registration_form(self) -> ProfileForm:
        """The fields that are filled in to register: those asked then, and those that are proof."""
        proving = self.proof.matches if self.proof.courses else ()
        fields = tuple(
            field
            for field in self.profile.fields
            if field.asked is Asked.REGISTRATION or field.key in proving
        )
        keys = {field.key for field in fields}
        return ProfileForm(fields, tuple(key for key in self.profile.one_of if key in keys))

    @property
    def own_form(self) -> ProfileForm:
        """The fields that members may change: all but the number that names their contract (MB-12)."""
        number = ContractFact.CUSTOMER_NUMBER
        fields = tuple(field for field in self.profile.fields if field.key != number)
        return ProfileForm(fields, self.profile.one_of)

    def history_from(self, now: datetime) -> date:
        """First date that members can look at."""
        return _months_before(date_of_day(day_at(now)), self.history_months)

    def contradictions(self) -> Iterator[WrongValue]:
        if re.fullmatch("[a-z][a-z0-9-]{0,39}", self.key) is None:
            yield WrongValue((), f"expected a file named like my-portal.toml, found {self.key!r}")
        yield from self._proof_contradictions()
        yield from self._postcard_contradictions()
        yield from self._issuing_contradictions()
        yield from self._first_login_contradictions()
        yield from self._recovery_contradictions()
        yield from repeated("mail_kinds", [kind.topic for kind in self.mail_kinds])
        yield from repeated("terms", [document.key for document in self.terms])

    def _proof_contradictions(self) -> Iterator[WrongValue]:
        open_to_all = self.registration.by is Registrant.ANYONE
        if open_to_all and self.proof.matches:
            yield WrongValue(("proof", "matches"), "expected none, as anyone may register")
        if open_to_all == bool(self.proof.courses):
            expected = "none, as anyone may register" if open_to_all else "one or more"
            yield WrongValue(("proof", "courses"), f"expected {expected}")
        number = ContractFact.CUSTOMER_NUMBER
        by_contract = self.registration.by is Registrant.CONTRACT_HOLDER
        if by_contract and number not in self.proof.matches:
            yield WrongValue(
                ("proof", "matches"), f"expected {number} among them, which finds the contract"
            )
        for place, fact in enumerate(self.proof.matches):
            field = self.profile.field(fact)
            if field is None or not field.required or field.asked is Asked.LATER:
                yield WrongValue(
                    ("proof", "matches", place),
                    f"expected a required profile field {fact} that is not asked LATER",
                )

    def _postcard_contradictions(self) -> Iterator[WrongValue]:
        secrets = {course.postcard.secret for course in self.proof.courses if course.postcard}
        by_postcard = self.login_id.source is LoginIdSource.ISSUED_BY_POSTCARD
        if by_postcard != (PostcardSecret.LOGIN_ID_AND_PASSWORD in secrets):
            yield WrongValue(
                ("login_id", "source"),
                "expected ISSUED_BY_POSTCARD if and only if a postcard brings LOGIN_ID_AND_PASSWORD, "
                f"found {self.login_id.source}",
            )
        if by_postcard != (self.registration.by is Registrant.UTILITY_ISSUED):
            yield WrongValue(
                ("registration", "by"),
                "expected UTILITY_ISSUED if and only if login_id.source is ISSUED_BY_POSTCARD, "
                f"found {self.registration.by}",
            )
        form = self.password.form
        for place, course in enumerate(self.proof.courses):
            if course.kind is not CourseKind.POSTCARD or course.postcard is None:
                continue
            card = course.postcard
            fits = form.min_length <= card.length <= form.max_length
            if card.secret is not PostcardSecret.CODE and not fits:
                yield WrongValue(
                    ("proof", "courses", place, "postcard", "length"),
                    f"expected the length of a password, {form.min_length} to {form.max_length}, "
                    f"found {card.length}",
                )

    def _issuing_contradictions(self) -> Iterator[WrongValue]:
        """What the portal makes up must have characters that can be read from paper."""
        expected = (
            "expected characters that have half-width letters or digits, as the portal makes "
        )
        by_portal = {LoginIdSource.ISSUED_BY_MAIL, LoginIdSource.ISSUED_BY_POSTCARD}
        form = self.login_id.form
        if self.login_id.source in by_portal and form and not form.readable:
            yield WrongValue(("login_id", "form", "characters"), f"{expected}IDs")
        secrets = {course.postcard.secret for course in self.proof.courses if course.postcard}
        if secrets - {PostcardSecret.CODE} and not self.password.form.readable:
            yield WrongValue(("password", "form", "characters"), f"{expected}passwords")

    def _first_login_contradictions(self) -> Iterator[WrongValue]:
        asked = {field.key for field in self.profile.fields if field.asked is Asked.FIRST_LOGIN}
        phone = ContractFact.PHONE
        expected = {
            Duty.CONTRACT_PHONE: phone in asked and phone in self.proof.matches,
            Duty.KEYWORDS: self.second_factor is not None,
            Duty.PROFILE: bool(asked - {phone}),
        }
        reasons = {
            Duty.CONTRACT_PHONE: "proof matches a profile field phone that is asked FIRST_LOGIN",
            Duty.KEYWORDS: "there is a second_factor",
            Duty.PROFILE: "profile fields other than phone are asked FIRST_LOGIN",
        }
        for duty, needed in expected.items():
            if needed != (duty in self.first_login.duties):
                yield WrongValue(
                    ("first_login", "duties"), f"expected {duty} if and only if {reasons[duty]}"
                )

    def _recovery_contradictions(self) -> Iterator[WrongValue]:
        ways = self.recovery.ways
        nickname = self.profile.field("nickname")
        if RecoveryWay.KEYWORD_AND_NICKNAME in ways and not (nickname and nickname.required):
            yield WrongValue(
                ("recovery", "ways"),
                "expected a required profile field nickname for KEYWORD_AND_NICKNAME",
            )
        number = ContractFact.CUSTOMER_NUMBER
        if RecoveryWay.CUSTOMER_NUMBER in ways and number not in self.proof.matches:
            yield WrongValue(
                ("recovery", "ways"), f"expected proof to match {number} for CUSTOMER_NUMBER"
            )


@lru_cache
def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@lru_cache
def _months_before(on: date, months: int) -> date:
    return shift_months(on, -months)


def parse_portal(key: str, document: Mapping[str, object]) -> Portal:
    """Policy from a decoded TOML document; raises InvalidPolicy with all that is wrong."""
    return read_table(Portal, document, key=key)
