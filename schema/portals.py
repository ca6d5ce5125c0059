"""Portals as clients see them: the rules from which a sign-up form builds itself."""

import strawberry

from domain.billing_policy import CertificateRule
from domain.policy import Course, Duty, MailKindRule, Postcard
from domain.portal import Portal as PortalRecord
from domain.profile_form import Choice, ProfileField
from domain.text_forms import MIN_ADDRESS, TextForm
from resolvers.external_visits import open_providers
from schema.info import Info
from schema.portal_rules import (
    BillingRules,
    CertificateRules,
    CourseRules,
    EmailRules,
    ExternalProvider,
    LockoutRules,
    LoginIdRules,
    MailKindRules,
    PasswordRules,
    PostcardRules,
    ProfileChoice,
    ProfileFieldRules,
    ProfileRules,
    ProofRules,
    RecoveryQuestion,
    RecoveryRules,
    RegistrationRules,
    SecondFactorRules,
    TextRules,
    WithdrawalRules,
    label_type,
)
from schema.terms import TermsDocument, terms_document_type


@strawberry.type(description="The rules of a portal.")
class Portal:
    record: strawberry.Private[PortalRecord]
    key: str = strawberry.field(
        description="For `portal` and the `portal` of inputs, like denki-jtb."
    )
    name: str = strawberry.field(description="As members know it.")
    company: str = strawberry.field(description="Who runs it.")
    zone: str = strawberry.field(description="Time zone in which its days begin and end.")
    history_months: int = strawberry.field(
        description="How many months back usage, reading periods and bills can be seen."
    )

    @strawberry.field(description="Who becomes a member, and how that begins.")
    def registration(self) -> RegistrationRules:
        rule = self.record.registration
        return RegistrationRules(
            by=rule.by,
            low_voltage_only=rule.low_voltage_only,
            email_first=rule.email_first,
            link_hours=rule.link_hours,
        )

    @strawberry.field(description="What an ID must be.")
    def login_id(self) -> LoginIdRules:
        rule = self.record.login_id
        return LoginIdRules(
            label=label_type(rule.label),
            source=rule.source,
            case_sensitive=rule.case_sensitive,
            changeable=rule.changeable,
            form=_text_rules(rule.form) if rule.form else _email_form(self.record),
        )

    @strawberry.field(description="What a password must be.")
    def password(self) -> PasswordRules:
        rule = self.record.password
        return PasswordRules(
            label=label_type(rule.label),
            form=_text_rules(rule.form),
            may_equal_login_id=rule.may_equal_login_id,
        )

    @strawberry.field(description="What an address must be, and how many there may be.")
    def email(self) -> EmailRules:
        rule = self.record.email
        return EmailRules(
            label=label_type(rule.label),
            form=_email_form(self.record),
            max_addresses=rule.max_addresses,
            one_member_each=rule.one_member_each,
        )

    @strawberry.field(description="How members prove who they are.")
    def proof(self) -> ProofRules:
        rule = self.record.proof
        return ProofRules(
            matches=[fact.value for fact in rule.matches],
            courses=[_course(course) for course in rule.courses],
        )

    @strawberry.field(description="What wrong passwords lead to.")
    def lockout(self) -> LockoutRules:
        rule = self.record.lockout
        return LockoutRules(attempts=rule.attempts, until_hour=rule.until_hour)

    @strawberry.field(description="Null: a new device needs no more than the password.")
    def second_factor(self) -> SecondFactorRules | None:
        rule = self.record.second_factor
        if rule is None:
            return None
        return SecondFactorRules(keywords=rule.keywords, form=_text_rules(rule.form))

    @strawberry.field(description="Providers for `startExternalLogIn`; empty where none is set up.")
    def external_providers(self, info: Info) -> list[ExternalProvider]:
        return [
            ExternalProvider(key=provider.key, label=label_type(provider.label))
            for provider in open_providers(info.context, self.record)
        ]

    @strawberry.field(description="What to do about a forgotten ID or password.")
    def recovery(self) -> RecoveryRules:
        rule = self.record.recovery
        return RecoveryRules(
            ways=list(rule.ways),
            link_minutes=rule.link_minutes,
            questions=[recovery_question(question) for question in rule.questions],
            answer=_text_rules(rule.answer) if rule.answer else None,
        )

    @strawberry.field(description="The form of the member's profile.")
    def profile(self) -> ProfileRules:
        rule, own = self.record.profile, self.record.own_form
        return ProfileRules(
            fields=[_profile_field(field, field in own.fields) for field in rule.fields],
            one_of=list(rule.one_of),
        )

    @strawberry.field(description="What must be done before the first login is complete, in order.")
    def first_login(self) -> list[Duty]:
        return list(self.record.first_login.duties)

    @strawberry.field(description="What happens when somebody leaves.")
    def withdrawal(self) -> WithdrawalRules:
        rule = self.record.withdrawal
        return WithdrawalRules(
            effect=rule.effect,
            last_notice=rule.last_notice,
            access_after_contract_months=rule.access_after_contract_months,
            contract_end_withdraws=rule.contract_end_withdraws,
        )

    @strawberry.field(description="Plans, bills and certificates.")
    def billing(self) -> BillingRules:
        rule = self.record.billing
        return BillingRules(
            plans=list(rule.plans),
            issuer_number=rule.issuer_number,
            tax_percent=rule.tax_percent,
            due_days=rule.due_days,
            available_business_days=rule.available_business_days,
            debit_result_business_days=rule.debit_result_business_days,
            closed=list(rule.closed),
            details_open=rule.details_open,
            contracts_open=rule.contracts_open,
            no_bill_mail=list(rule.no_bill_mail),
            certificate=_certificate(rule.certificate) if rule.certificate else None,
        )

    @strawberry.field(description="Terms of use; who registers accepts those in force.")
    def terms(self, info: Info) -> list[TermsDocument]:
        now = info.context.now
        return [terms_document_type(document, now) for document in self.record.terms]

    @strawberry.field(description="Mails that members switch with `setMailPreferences`.")
    def mail_kinds(self) -> list[MailKindRules]:
        return [_mail_kind(kind) for kind in self.record.mail_kinds]


def portal_type(portal: PortalRecord) -> Portal:
    return Portal(
        record=portal,
        key=portal.key,
        name=portal.name,
        company=portal.company,
        zone=portal.zone,
        history_months=portal.history_months,
    )


def recovery_question(question: Choice) -> RecoveryQuestion:
    return RecoveryQuestion(key=question.key, label=label_type(question.label))


def _text_rules(form: TextForm) -> TextRules:
    return TextRules(min_length=form.min_length, max_length=form.max_length, pattern=form.pattern)


def _email_form(portal: PortalRecord) -> TextRules:
    rule = portal.email
    return TextRules(min_length=MIN_ADDRESS, max_length=rule.max_length, pattern=rule.pattern)


def _course(course: Course) -> CourseRules:
    return CourseRules(
        kind=course.kind,
        label=label_type(course.label),
        payment_methods=list(course.payment_methods),
        last_four=course.last_four,
        postcard=_postcard(course.postcard) if course.postcard else None,
    )


def _postcard(card: Postcard) -> PostcardRules:
    return PostcardRules(secret=card.secret, length=card.length, days=card.days)


def _profile_field(field: ProfileField, changeable: bool) -> ProfileFieldRules:
    return ProfileFieldRules(
        key=field.key,
        label=label_type(field.label),
        form=field.form,
        required=field.required,
        asked=field.asked,
        changeable=changeable,
        max_length=field.length,
        pattern=field.pattern,
        choices=[
            ProfileChoice(key=choice.key, label=label_type(choice.label))
            for choice in field.choices
        ],
    )


def _certificate(rule: CertificateRule) -> CertificateRules:
    return CertificateRules(
        months=rule.months,
        download_days=rule.download_days,
        excluded_methods=list(rule.excluded_methods),
    )


def _mail_kind(kind: MailKindRule) -> MailKindRules:
    return MailKindRules(topic=kind.topic, label=label_type(kind.label), at_first=kind.at_first)
