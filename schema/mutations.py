"""All mutations, put together."""

import strawberry

from schema.devices import DeviceMutation
from schema.leaving import LeavingMutation
from schema.member_sessions import MemberSessionMutation
from schema.own_login import OwnLoginMutation
from schema.postcards import PostcardMutation
from schema.recovery import RecoveryMutation
from schema.registration import RegistrationMutation
from schema.second_factor import SecondFactorMutation
from schema.sessions import LogInMutation


@strawberry.type
class Mutation(
    RegistrationMutation,
    PostcardMutation,
    LogInMutation,
    MemberSessionMutation,
    OwnLoginMutation,
    SecondFactorMutation,
    DeviceMutation,
    LeavingMutation,
    RecoveryMutation,
):
    """The fields of its parts."""
