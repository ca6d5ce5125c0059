"""What members change of themselves: the profile, and which mails they want (MB-12, MB-14).

The contract of supply is never touched.
"""

from collections.abc import Sequence

from datasources.mongo import Transaction
from domain.identity import Fault, FaultCode
from domain.mail_preferences import MailPreference, mail_preferences
from domain.members import Member
from domain.policy import MailTopic
from domain.portal import Portal
from domain.profile_changes import (
    FieldValues,
    change_faults,
    changed,
    contract_note,
    present_values,
    repeated_faults,
)
from domain.profile_form import Label
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused, RefusedForm, RefusedInput, refuse_too_many
from resolvers.step_up import logged_in


async def update_profile(context: RequestContext, given: FieldValues) -> tuple[Member, Label]:
    """Change the fields that are given, and say that the contract is as it was; raises Refused."""
    session = await logged_in(context)
    refuse_too_many(given, "fields")
    portal, sources = context.portal(session.portal), context.sources

    async def work(transaction: Transaction) -> Member:
        known = await sources.members.credentials(session.member, transaction)
        if known is None:
            raise Refused(Refusal.NOT_LOGGED_IN)
        if reasons := _profile_reasons(portal, known.member, given):
            raise RefusedForm(reasons)
        member = changed(known.member, dict(given))
        await sources.member_changes.set_profile(member, transaction)
        return member

    return await sources.mongo.transaction(work), contract_note(portal.company)


async def set_mail_preferences(
    context: RequestContext, given: Sequence[tuple[MailTopic, bool]]
) -> Member:
    """Switch mails on and off, from now on; raises Refused."""
    session = await logged_in(context)
    refuse_too_many(given, "preferences")
    if reasons := _topic_reasons(context.portal(session.portal), given):
        raise RefusedForm(reasons)
    wanted = {topic.value: is_wanted for topic, is_wanted in given}
    sources = context.sources

    async def work(transaction: Transaction) -> Member | None:
        await sources.member_changes.set_mail_topics(session.member, wanted, transaction)
        known = await sources.members.credentials(session.member, transaction)
        return known.member if known else None

    member = await sources.mongo.transaction(work)
    if member is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return member


def preferences(context: RequestContext, member: Member) -> Sequence[MailPreference]:
    """What the member who asks wants of the portal's mails."""
    context.require_owner(member.id)
    return mail_preferences(context.portal(member.portal), member.mail_topics)


def _profile_reasons(portal: Portal, member: Member, given: FieldValues) -> list[Refused]:
    """Everything that is wrong, at once."""
    present, entered = present_values(member), dict(given)
    form = portal.own_form
    fixed = {field.key for field in portal.profile.fields if form.field(field.key) is None}
    refused = [
        Refused(Refusal.NOT_CHANGEABLE, "fields", key)
        for key, text in entered.items()
        if key in fixed and text != present.get(key, "")
    ]
    free = {key: text for key, text in entered.items() if key not in fixed}
    faults = [*repeated_faults(given), *change_faults(form, present, free)]
    return [*refused, *map(RefusedInput, faults)]


def _topic_reasons(portal: Portal, given: Sequence[tuple[MailTopic, bool]]) -> list[Refused]:
    topics = {kind.topic for kind in portal.mail_kinds}
    reasons: list[Refused] = []
    for place, (topic, _) in enumerate(given):
        path = ("preferences", str(place))
        if topic not in topics:
            reasons.append(Refused(Refusal.NO_SUCH_MAIL_KIND, *path))
        if topic in [before for before, _ in given[:place]]:
            reasons.append(RefusedInput(Fault(FaultCode.REPEATED, "stands there already", path)))
    return reasons
