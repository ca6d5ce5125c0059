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
    ja: str = strawberry.field(description="In Japanese.")
    en: str = strawberry.field(description="In English.")


def label_type(label: LabelRecord) -> Label:
    return Label(ja=label.ja, en=label.en)


@strawberry.type(description="The form of a text; lengths are code points.")
class TextRules:
    min_length: int = strawberry.field(description="In code points.")
    max_length: int = strawberry.field(description="In code points.")
    pattern: str = strawberry.field(
        description="Regular expression of JavaScript, with flag `u` or `v`, for the whole text."
    )


@strawberry.type(description="Who may register, and how it begins.")
class RegistrationRules:
    by: Registrant = strawberry.field(description="Who may register.")
    low_voltage_only: bool = strawberry.field(description="Contracts of 100 or 200 V alone.")
    email_first: bool = strawberry.field(
        description="The form opens by a link that is sent to the address."
    )
    link_hours: int = strawberry.field(
        description="How many hours a link works that confirms an address."
    )


@strawberry.type(description="What a login ID must be.")
class LoginIdRules:
    label: Label = strawberry.field(description="How the portal calls it.")
    source: LoginIdSource = strawberry.field(description="Where it comes from.")
    case_sensitive: bool = strawberry.field(description="Whether case matters when logging in.")
    changeable: bool = strawberry.field(
        description="By itself; an ID that is an address changes with the address."
    )
    form: TextRules = strawberry.field(description="What it must look like.")


@strawberry.type(
    description=(
        "What a new password must be. Besides, passwords that are known from leaks are refused."
    )
)
class PasswordRules:
    label: Label = strawberry.field(description="How the portal calls it.")
    form: TextRules = strawberry.field(description="What it must look like.")
    may_equal_login_id: bool = strawberry.field(description="Whether it may be the login ID.")


@strawberry.type(description="What an e-mail address must be.")
class EmailRules:
    label: Label = strawberry.field(description="How the portal calls it.")
    form: TextRules = strawberry.field(description="What it must look like.")
    max_addresses: int = strawberry.field(description="How many a member may have.")
    one_member_each: bool = strawberry.field(
        description="An address belongs to one member of the portal."
    )


@strawberry.type(description="A postcard to the contract's postal address.")
class PostcardRules:
    secret: PostcardSecret = strawberry.field(description="What it brings.")
    length: int = strawberry.field(description="Characters of the secret.")
    days: int = strawberry.field(description="How many days the secret works.")


@strawberry.type(description="A way to prove who one is.")
class CourseRules:
    kind: CourseKind = strawberry.field(description="What it takes: for `completeRegistration`.")
    label: Label = strawberry.field(description="How the portal calls it.")
    payment_methods: list[PaymentMethod] = strawberry.field(
        description="Whose contracts are paid so can take it."
    )
    last_four: bool = strawberry.field(
        description="Asks for the last four digits of the paying card or account."
    )
    postcard: PostcardRules | None = strawberry.field(description="Null where none is sent.")


@strawberry.type(description="Identity proof.")
class ProofRules:
    matches: list[str] = strawberry.field(
        description="Keys of the profile fields that must agree with the supply contract."
    )
    courses: list[CourseRules] = strawberry.field(description="The member takes one of them.")


@strawberry.type(description="Wrong passwords in a row lock the account until an hour in Tokyo.")
class LockoutRules:
    attempts: int = strawberry.field(description="So many wrong ones in a row lock.")
    until_hour: int = strawberry.field(
        description="Hour of the day, 0 to 23, in Tokyo, at which the next attempt is taken."
    )


@strawberry.type(description="Secret keywords, one of which is asked for on a new device.")
class SecondFactorRules:
    keywords: int = strawberry.field(description="How many the member sets.")
    form: TextRules = strawberry.field(description="What a keyword must look like.")


@strawberry.type(description="A secret question, whose answer replaces a forgotten password.")
class RecoveryQuestion:
    key: str = strawberry.field(description="For the `question` of inputs.")
    label: Label = strawberry.field(description="The question itself.")


@strawberry.type(description="Whose accounts members may link and then log in with.")
class ExternalProvider:
    key: str = strawberry.field(description="For `startExternalLogIn` and `startExternalLink`.")
    label: Label = strawberry.field(description="What to write on the button.")


@strawberry.type(description="How a forgotten ID or password is replaced.")
class RecoveryRules:
    ways: list[RecoveryWay] = strawberry.field(description="Empty where only the company helps.")
    link_minutes: int = strawberry.field(description="How many minutes a reset link works.")
    questions: list[RecoveryQuestion] = strawberry.field(
        description="To choose a secret question from."
    )
    answer: TextRules | None = strawberry.field(
        description="Form of its answer, or of the identity keyword; null where neither is asked for."
    )


@strawberry.type(description="One of the values of a field that is chosen.")
class ProfileChoice:
    key: str = strawberry.field(description="The value.")
    label: Label = strawberry.field(description="What to write for it.")


@strawberry.type(description="A field of the member's profile.")
class ProfileFieldRules:
    key: str = strawberry.field(description="For the `fields` of inputs.")
    label: Label = strawberry.field(description="What to write beside it.")
    form: FieldForm = strawberry.field(description="What its values look like.")
    required: bool = strawberry.field(
        description="Whether it may be left empty, when it is asked for."
    )
    asked: Asked = strawberry.field(description="When it is asked for first.")
    changeable: bool = strawberry.field(description="Whether `updateProfile` takes another value.")
    max_length: int = strawberry.field(description="In code points.")
    pattern: str = strawberry.field(description="Of a value that is not empty.")
    choices: list[ProfileChoice] = strawberry.field(description="Of CHOICE only, else empty.")


@strawberry.type(description="Changing the profile never changes the supply contract.")
class ProfileRules:
    fields: list[ProfileFieldRules] = strawberry.field(description="In the order of the form.")
    one_of: list[str] = strawberry.field(
        description="Keys of fields of which at least one must be filled in."
    )


@strawberry.type(description="Leaving the portal.")
class WithdrawalRules:
    effect: WithdrawalEffect = strawberry.field(
        description="When a withdrawn member loses the portal."
    )
    last_notice: bool = strawberry.field(description="One more notice may go out.")
    access_after_contract_months: int = strawberry.field(
        description="How many months the portal stays open after the last contract ended."
    )
    contract_end_withdraws: bool = strawberry.field(
        description="Whether the end of the last contract, and that time, end the membership."
    )


@strawberry.type(description="Payment certificates, at most one in a calendar year.")
class CertificateRules:
    months: int = strawberry.field(
        description="How many months back the payments go that it shows."
    )
    download_days: int = strawberry.field(
        description="How many days it can be fetched once issued."
    )
    excluded_methods: list[PaymentMethod] = strawberry.field(
        description="Who pays so gets a receipt from somebody else."
    )


@strawberry.type(description="Bills, and when they may be seen.")
class BillingRules:
    plans: list[str] = strawberry.field(description="Keys of the plans open to its contracts.")
    issuer_number: str = strawberry.field(
        description="Registration number of who issues qualified invoices."
    )
    tax_percent: int = strawberry.field(
        description="Rate of the consumption tax, which all prices include."
    )
    due_days: int = strawberry.field(description="Days from the issue of a bill until it is due.")
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
    details_open: DetailsOpen = strawberry.field(
        description="From when usage and bills of a facility may be seen."
    )
    contracts_open: ContractsOpen = strawberry.field(
        description="From when a facility's contracts may be seen."
    )
    no_bill_mail: list[str] = strawberry.field(
        description="Keys of the plans whose bills are not told by mail."
    )
    certificate: CertificateRules | None = strawberry.field(
        description="Null: the portal issues no payment certificates."
    )


@strawberry.type(description="A mail that members may switch on and off.")
class MailKindRules:
    topic: MailTopic = strawberry.field(description="What the mails are about.")
    label: Label = strawberry.field(description="How the portal calls them.")
    at_first: bool = strawberry.field(description="Whether a new member gets it.")
