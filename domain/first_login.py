"""What must be done at the first log-in before a portal opens (MB-4, MB-7, MB-10, MB-12)."""

from collections.abc import Container
from typing import Final

from domain.policy import ContractFact, Duty, Registrant
from domain.portal import Portal
from domain.profile_form import Asked, ProfileForm

MUTATIONS: Final = {
    Duty.CONTRACT_PHONE: "confirmContractPhone",
    Duty.NEW_PASSWORD: "changePassword",
    Duty.KEYWORDS: "setKeywords",
    Duty.PROFILE: "completeProfile",
}
"What a client does a duty with."
_AGAIN: Final = frozenset({Duty.CONTRACT_PHONE, Duty.NEW_PASSWORD})
"Who has a postcard is not known to be the member: these tell."


def first_duties(portal: Portal) -> tuple[Duty, ...]:
    """Duties of a new member, in the order of the policy; none that its registration has done."""
    done: set[Duty] = set()
    if ContractFact.PHONE in _asked_before(portal):
        done.add(Duty.CONTRACT_PHONE)
    if not first_login_form(portal).fields:
        done.add(Duty.PROFILE)
    return tuple(duty for duty in portal.first_login.duties if duty not in done)


def duties_anew(portal: Portal, still_open: Container[Duty]) -> tuple[Duty, ...]:
    """Duties of a member who is sent another first password: what was filled in stays."""
    return tuple(duty for duty in first_duties(portal) if duty in _AGAIN or duty in still_open)


def first_login_form(portal: Portal) -> ProfileForm:
    """The fields that the duty PROFILE asks for; the phone number of the contract is no such."""
    done = _asked_before(portal)
    if Duty.CONTRACT_PHONE in portal.first_login.duties:
        done.add(ContractFact.PHONE)
    form = portal.profile.asked_at(Asked.FIRST_LOGIN)
    fields = tuple(field for field in form.fields if field.key not in done)
    keys = {field.key for field in fields}
    return ProfileForm(fields, tuple(key for key in form.one_of if key in keys))


def _asked_before(portal: Portal) -> set[str]:
    """Keys of the fields that a member has filled in to register."""
    if portal.registration.by is Registrant.UTILITY_ISSUED:
        return set()
    return {field.key for field in portal.registration_form.fields}
