"""All mutations, put together."""

import strawberry

from schema.bill_notices import BillNoticeMutation
from schema.certificates import CertificateMutation
from schema.consents import ConsentMutation
from schema.devices import DeviceMutation
from schema.external_log_in import ExternalLogInMutation
from schema.first_login import FirstLoginMutation
from schema.leaving import LeavingMutation
from schema.member_sessions import MemberSessionMutation
from schema.own_emails import OwnEmailMutation
from schema.own_login import OwnLoginMutation
from schema.own_profile import OwnProfileMutation
from schema.postcards import PostcardMutation
from schema.recalling import RecallingMutation
from schema.recovery import RecoveryMutation
from schema.registration import RegistrationMutation
from schema.second_factor import SecondFactorMutation
from schema.sessions import LogInMutation
from schema.staff_acts import StaffActMutation
from schema.staff_sessions import StaffSessionMutation
from schema.terms import TermsMutation
from schema.webhooks import WebhookMutation


@strawberry.type(
    description=(
        "What can be done. What a user can put right is told in `userErrors`, and then "
        "nothing was done."
    )
)
class Mutation(
    RegistrationMutation,
    PostcardMutation,
    LogInMutation,
    MemberSessionMutation,
    FirstLoginMutation,
    OwnLoginMutation,
    OwnEmailMutation,
    OwnProfileMutation,
    SecondFactorMutation,
    DeviceMutation,
    ExternalLogInMutation,
    LeavingMutation,
    RecoveryMutation,
    RecallingMutation,
    TermsMutation,
    BillNoticeMutation,
    CertificateMutation,
    ConsentMutation,
    StaffSessionMutation,
    StaffActMutation,
    WebhookMutation,
):
    """The fields of its parts."""
