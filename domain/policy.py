"""The rules of a portal by subject: who registers and how, IDs, passwords, proof, leaving.

Each class is a table of `portals/<key>.toml`, its fields are the keys. Values only; what an ID or an
address must look like is checked in `domain.identity`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from domain.facilities import PaymentMethod
from domain.policy_tables import Between, WrongValue
from domain.profile_form import Choice, Label, repeated
from domain.text_forms import (
    MAX_LENGTH,
    MIN_ADDRESS,
    MailCharacters,
    TextForm,
    mail_pattern,
)


class Registrant(StrEnum):
    """Who may become a member (MB-2)."""

    CONTRACT_HOLDER = "CONTRACT_HOLDER"
    UTILITY_ISSUED = "UTILITY_ISSUED"
    "Nobody registers: the company makes the account and sends it."
    ANYONE = "ANYONE"


@dataclass(frozen=True, slots=True)
class Registration:
    by: Registrant
    low_voltage_only: bool
    "Contracts of 100 or 200 V alone."
    email_first: bool
    "The form opens by a link that goes to the address (MB-1)."
    link_hours: Annotated[int, Between(1, 168)]
    "Life of a link that confirms an address."


class LoginIdSource(StrEnum):
    """Where a login ID comes from (MB-3)."""

    CHOSEN = "CHOSEN"
    EMAIL = "EMAIL"
    ISSUED_BY_MAIL = "ISSUED_BY_MAIL"
    ISSUED_BY_POSTCARD = "ISSUED_BY_POSTCARD"


@dataclass(frozen=True, slots=True)
class LoginIdRule:
    label: Label
    source: LoginIdSource
    case_sensitive: bool
    changeable: bool
    form: TextForm | None = None
    "Of every ID but an e-mail address, which has the form of addresses."

    def contradictions(self) -> Iterator[WrongValue]:
        if (self.source is LoginIdSource.EMAIL) != (self.form is None):
            found = "nothing" if self.form is None else "one"
            expected = "a form" if self.form is None else "no form, as the ID is an address"
            yield WrongValue(("form",), f"expected {expected}, found {found}")


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """Passwords are case-sensitive in every portal (MB-4)."""

    label: Label
    form: TextForm
    may_equal_login_id: bool


@dataclass(frozen=True, slots=True)
class EmailRule:
    """MB-5."""

    label: Label
    characters: MailCharacters
    max_length: Annotated[int, Between(MIN_ADDRESS, MAX_LENGTH)]
    max_addresses: Annotated[int, Between(1, 5)]
    one_member_each: bool
    "An address belongs to one member of the portal."

    @property
    def pattern(self) -> str:
        return mail_pattern(self.characters, self.max_length)


class ContractFact(StrEnum):
    """What a person says that is compared with the supply contract (MB-7)."""

    CUSTOMER_NUMBER = "customerNumber"
    NAME = "name"
    KANA = "kana"
    POSTAL_CODE = "postalCode"
    PHONE = "phone"


class CourseKind(StrEnum):
    INSTANT = "INSTANT"
    POSTCARD = "POSTCARD"


class PostcardSecret(StrEnum):
    """What a postcard brings."""

    CODE = "CODE"
    "Entered by the member who is logged in; until then there are no usage and bills (MB-8)."
    PASSWORD = "PASSWORD"  # noqa: S105 - a kind of secret, not one
    LOGIN_ID_AND_PASSWORD = "LOGIN_ID_AND_PASSWORD"  # noqa: S105 - a kind of secret, not one


@dataclass(frozen=True, slots=True)
class Postcard:
    secret: PostcardSecret
    length: Annotated[int, Between(6, 20)]
    "Code points of the secret."
    days: Annotated[int, Between(1, 366)]
    "Life of the secret."


@dataclass(frozen=True, slots=True)
class Course:
    """A way to prove who one is."""

    kind: CourseKind
    label: Label
    payment_methods: tuple[PaymentMethod, ...]
    "Whose contracts are paid so can take it."
    last_four: bool = False
    "Asks for the last four digits of the paying card or account; of an INSTANT course."
    postcard: Postcard | None = None

    def contradictions(self) -> Iterator[WrongValue]:
        if (self.kind is CourseKind.POSTCARD) != (self.postcard is not None):
            yield WrongValue(("postcard",), "expected with kind POSTCARD and with no other")
        if self.last_four and self.kind is not CourseKind.INSTANT:
            yield WrongValue(("last_four",), "expected false unless kind is INSTANT, found true")
        if self.last_four and PaymentMethod.PAYMENT_SLIP in self.payment_methods:
            yield WrongValue(("last_four",), "a payment slip has neither card nor account")
        if not self.payment_methods:
            yield WrongValue(("payment_methods",), "expected one or more, found none")
        yield from repeated("payment_methods", list(self.payment_methods))


@dataclass(frozen=True, slots=True)
class Proof:
    """Identity proof (MB-7); nothing to match and no course where anyone may register."""

    matches: tuple[ContractFact, ...] = ()
    "Fields of the profile form that must agree with the contract."
    courses: tuple[Course, ...] = ()

    def contradictions(self) -> Iterator[WrongValue]:
        yield from repeated("matches", list(self.matches))


@dataclass(frozen=True, slots=True)
class Lockout:
    """Wrong passwords in a row lock the account until the next such hour in Tokyo (MB-9)."""

    attempts: Annotated[int, Between(3, 100)]
    until_hour: Annotated[int, Between(0, 23)]


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Secret keywords, one of which is asked for on a new device (MB-10)."""

    keywords: Annotated[int, Between(1, 10)]
    "How many the member sets."
    form: TextForm


class RecoveryWay(StrEnum):
    """How a forgotten ID or password is replaced (MB-11)."""

    SECRET_QUESTION = "SECRET_QUESTION"  # noqa: S105 - a way, not a secret
    CUSTOMER_NUMBER = "CUSTOMER_NUMBER"
    KEYWORD_AND_NICKNAME = "KEYWORD_AND_NICKNAME"
    EMAIL_LINK = "EMAIL_LINK"


_REMEMBERED: Final = frozenset({RecoveryWay.SECRET_QUESTION, RecoveryWay.KEYWORD_AND_NICKNAME})


@dataclass(frozen=True, slots=True)
class Recovery:
    ways: tuple[RecoveryWay, ...]
    link_minutes: Annotated[int, Between(5, 1_440)]
    "Life of a reset link."
    questions: tuple[Choice, ...] = ()
    "To choose from; of SECRET_QUESTION."
    answer: TextForm | None = None
    "Form of the answer or of the identity keyword."

    @property
    def remembered(self) -> frozenset[RecoveryWay]:
        """The ways that ask for an answer or a keyword, which members set."""
        return _REMEMBERED & frozenset(self.ways)

    def contradictions(self) -> Iterator[WrongValue]:
        yield from repeated("ways", list(self.ways))
        yield from repeated("questions", [question.key for question in self.questions])
        if RecoveryWay.EMAIL_LINK not in self.ways:
            yield WrongValue(("ways",), "expected EMAIL_LINK among them")
        if (RecoveryWay.SECRET_QUESTION in self.ways) != bool(self.questions):
            yield WrongValue(("questions",), "expected with SECRET_QUESTION and not without it")
        if bool(self.remembered) != (self.answer is not None):
            yield WrongValue(
                ("answer",), f"expected with {' or '.join(sorted(_REMEMBERED))} and not without"
            )


class Duty(StrEnum):
    """What must be done before the first login is complete."""

    CONTRACT_PHONE = "CONTRACT_PHONE"
    NEW_PASSWORD = "NEW_PASSWORD"  # noqa: S105 - a duty, not a password
    KEYWORDS = "KEYWORDS"
    PROFILE = "PROFILE"


@dataclass(frozen=True, slots=True)
class FirstLogin:
    duties: tuple[Duty, ...] = ()
    "In this order."

    def contradictions(self) -> Iterator[WrongValue]:
        yield from repeated("duties", list(self.duties))


class WithdrawalEffect(StrEnum):
    """When a withdrawn member loses the portal (MB-15)."""

    AT_ONCE = "AT_ONCE"
    WITHIN_MONTH = "WITHIN_MONTH"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    effect: WithdrawalEffect
    last_notice: bool
    "One more notice may go out."
    access_after_contract_months: Annotated[int, Between(0, 120)]
    "After the last of the member's contracts ended."
    contract_end_withdraws: bool


class MailTopic(StrEnum):
    """Mails that a member may switch on and off."""

    BILL = "BILL"
    READING = "READING"
    ADVERTISING = "ADVERTISING"


@dataclass(frozen=True, slots=True)
class MailKindRule:
    topic: MailTopic
    label: Label
    at_first: bool
    "Whether a new member gets it."
