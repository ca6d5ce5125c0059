"""The rules of a portal as clients see them, by subject; `schema.portals` fills them in.

Patterns are for JavaScript (flags `u` or `v`) and match a whole text; lengths are code points. What
a pattern lets pass the API takes, but for what only it can know: whether an ID is free, a password
breached, an address another's.
"""

import strawberry

from domain.billing_policy import ContractsOpen, DetailsOpen
from domain.facilities import PaymentMethod
from domain.policy import (
    CourseKind,
    LoginIdSource,
    MailTopic,
    PostcardSecret,
    RecoveryWay,
    Registrant,
    WithdrawalEffect,
)
from domain.profile_form import Asked, FieldForm
from domain.profile_form import Label as LabelRecord


@strawberry.type(description="What people read, in both languages of the portals.")
class Label:
    ja: str
    en: str


def label_type(label: LabelRecord) -> Label:
    return Label(ja=label.ja, en=label.en)


@strawberry.type(description="The form of a text; lengths are code points.")
class TextRules:
    min_length: int
    max_length: int
    pattern: str = strawberry.field(
        description="Regular expression of JavaScript, with flag `u` or `v`, for the whole text."
    )


@strawberry.type(description="Who may register, and how it begins.")
class RegistrationRules:
    by: Registrant
    low_voltage_only: bool = strawberry.field(description="Contracts of 100 or 200 V alone.")
    email_first: bool = strawberry.field(
        description="The form opens by a link that is sent to the address."
    )
    link_hours: int = strawberry.field(description="Life of a link that confirms an address.")


@strawberry.type
class LoginIdRules:
    label: Label
    source: LoginIdSource
    case_sensitive: bool
    changeable: bool = strawberry.field(
        description="By itself; an ID that is an address changes with the address."
    )
    form: TextRules


@strawberry.type
class PasswordRules:
    label: Label
    form: TextRules
    may_equal_login_id: bool


@strawberry.type
class EmailRules:
    label: Label
    form: TextRules
    max_addresses: int
    one_member_each: bool = strawberry.field(
        description="An address belongs to one member of the portal."
    )


@strawberry.type(description="A postcard to the contract's postal address.")
class PostcardRules:
    secret: PostcardSecret
    length: int = strawberry.field(description="Characters of the secret.")
    days: int = strawberry.field(description="Life of the secret.")


@strawberry.type(description="A way to prove who one is.")
class CourseRules:
    kind: CourseKind
    label: Label
    payment_methods: list[PaymentMethod] = strawberry.field(
        description="Whose contracts are paid so can take it."
    )
    last_four: bool = strawberry.field(
        description="Asks for the last four digits of the paying card or account."
    )
    postcard: PostcardRules | None


@strawberry.type(description="Identity proof.")
class ProofRules:
    matches: list[str] = strawberry.field(
        description="Keys of the profile fields that must agree with the supply contract."
    )
    courses: list[CourseRules] = strawberry.field(description="The member takes one of them.")


@strawberry.type(description="Wrong passwords in a row lock the account until an hour in Tokyo.")
class LockoutRules:
    attempts: int
    until_hour: int


@strawberry.type(description="Secret keywords, one of which is asked for on a new device.")
class SecondFactorRules:
    keywords: int = strawberry.field(description="How many the member sets.")
    form: TextRules


@strawberry.type(description="A secret question, whose answer replaces a forgotten password.")
class RecoveryQuestion:
    key: str
    label: Label


@strawberry.type(description="Whose accounts members may link and then log in with.")
class ExternalProvider:
    key: str
    label: Label


@strawberry.type(description="How a forgotten ID or password is replaced.")
class RecoveryRules:
    ways: list[RecoveryWay]
    link_minutes: int = strawberry.field(description="Life of a reset link.")
    questions: list[RecoveryQuestion] = strawberry.field(
        description="To choose a secret question from."
    )
    answer: TextRules | None = strawberry.field(
        description="Form of its answer, or of the identity keyword."
    )


@strawberry.type
class ProfileChoice:
    key: str
    label: Label


@strawberry.type(description="A field of the member's profile.")
class ProfileFieldRules:
    key: str
    label: Label
    form: FieldForm
    required: bool
    asked: Asked = strawberry.field(description="When it is asked for first.")
    changeable: bool = strawberry.field(description="Whether `updateProfile` takes another value.")
    max_length: int
    pattern: str = strawberry.field(description="Of a value that is not empty.")
    choices: list[ProfileChoice]


@strawberry.type(description="Changing the profile never changes the supply contract.")
class ProfileRules:
    fields: list[ProfileFieldRules] = strawberry.field(description="In the order of the form.")
    one_of: list[str] = strawberry.field(
        description="Keys of fields of which at least one must be filled in."
    )


@strawberry.type(description="Leaving the portal.")
class WithdrawalRules:
    effect: WithdrawalEffect
    last_notice: bool = strawberry.field(description="One more notice may go out.")
    access_after_contract_months: int = strawberry.field(
        description="How long the portal stays open after the last contract ended."
    )
    contract_end_withdraws: bool


@strawberry.type(description="Payment certificates, at most one in a calendar year.")
class CertificateRules:
    months: int = strawberry.field(description="Of which it shows the payments.")
    download_days: int = strawberry.field(description="How long it can be fetched once issued.")
    excluded_methods: list[PaymentMethod] = strawberry.field(
        description="Who pays so gets a receipt from somebody else."
    )


@strawberry.type(description="Bills, and when they may be seen.")
class BillingRules:
    plans: list[str] = strawberry.field(description="Keys of the plans open to its contracts.")
    issuer_number: str = strawberry.field(
        description="Registration number of who issues qualified invoices."
    )
    tax_percent: int = strawberry.field(description="Consumption tax, which all prices include.")
    due_days: int = strawberry.field(description="From the issue of a bill until it is due.")
    available_business_days: int = strawberry.field(
        description="From the reading until its bill may be seen; 0: as soon as it is issued."
    )
    debit_result_business_days: int = strawberry.field(
        description="From a direct debit until its result may be seen."
    )
    closed: list[str] = strawberry.field(
        description=(
            "Days of the year, like 12-29, that are no business days, beside Saturdays, Sundays "
            "and national holidays."
        )
    )
    details_open: DetailsOpen
    contracts_open: ContractsOpen
    no_bill_mail: list[str] = strawberry.field(
        description="Keys of the plans whose bills are not told by mail."
    )
    certificate: CertificateRules | None = strawberry.field(
        description="Null: the portal issues no payment certificates."
    )


@strawberry.type(description="A mail that members may switch on and off.")
class MailKindRules:
    topic: MailTopic
    label: Label
    at_first: bool = strawberry.field(description="Whether a new member gets it.")
