"""Enumerations of the domain as clients see them; imported before any type that has one."""

from typing import Final

import strawberry

from domain.bills import BillSource, LineKind, PaymentState
from domain.downloads import DownloadFormat
from domain.facilities import ContractKind, PaymentMethod
from domain.members import MemberState
from domain.readings import Direction, Quality
from domain.tariff.refusals import NotPricedReason
from domain.usage import Resolution
from domain.usage_profile import ProfileBasis
from resolvers.live import StreamState
from resolvers.usage import Comparison

REGISTERED: Final = (
    strawberry.enum(ContractKind),
    strawberry.enum(PaymentMethod),
    strawberry.enum(PaymentState),
    strawberry.enum(BillSource),
    strawberry.enum(MemberState),
    strawberry.enum(
        DownloadFormat,
        description=(
            "CSV opens in spreadsheets (UTF-8 with a byte order mark), XLSX is for Excel, "
            "GREEN_BUTTON for partner apps (ESPI XML)."
        ),
    ),
    strawberry.enum(Resolution),
    strawberry.enum(ProfileBasis),
    strawberry.enum(Comparison),
    strawberry.enum(LineKind, name="BillLineKind"),
    strawberry.enum(NotPricedReason, description="Why a plan does not price a span."),
    strawberry.enum(
        Direction,
        description=(
            "IMPORT is what the customer draws, EXPORT what the customer feeds in (buy-back)."
        ),
    ),
    strawberry.enum(
        Quality,
        description=(
            "MISSING is a slot that should have a value by now and has none; it is never a zero."
        ),
    ),
    strawberry.enum(
        StreamState,
        description=(
            "CATCHING_UP while the past is sent, LIVE after it, STALE when readings are overdue."
        ),
    ),
)
