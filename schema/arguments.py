"""Arguments that many fields have, with their texts for clients."""

from datetime import datetime
from typing import Annotated, TypeAlias, TypeVar

import strawberry

from domain.downloads import DownloadFormat
from domain.facilities import ContractKind
from domain.readings import Direction

_Given = TypeVar("_Given")

Input: TypeAlias = Annotated[
    _Given,
    strawberry.argument(
        description="All that the mutation needs; `userErrors` name what is wrong by its path."
    ),
]

First = Annotated[
    int | None,
    strawberry.argument(
        description="So many from the start, 1 to 100. Either this or `last` must be given."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Cursor of this list, with `first`: only what follows it. Null is from the start."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="So many up to the end, 1 to 100. Either this or `first` must be given."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="Cursor of this list, with `last`: only what is before it. Null is up to the end."
    ),
]

OfKind = Annotated[
    ContractKind | None,
    strawberry.argument(description="Those of one kind of contract; null is all."),
]
OfDirection = Annotated[Direction, strawberry.argument(description="Drawn, or fed in.")]
SpanFrom = Annotated[
    datetime,
    strawberry.argument(
        name="from",
        description=(
            "The half hours that begin at it or later. Before the portal's history it is "
            "RANGE_TOO_LARGE."
        ),
    ),
]
SpanTo = Annotated[
    datetime,
    strawberry.argument(
        description="The half hours that begin before it. It may be in the future."
    ),
]
DocumentFormat = Annotated[
    DownloadFormat, strawberry.argument(description="PDF: another is BAD_INPUT.")
]
FacilityId = Annotated[
    strawberry.ID, strawberry.argument(description="Of a facility; another member's is NOT_FOUND.")
]
NodeId = Annotated[
    strawberry.ID,
    strawberry.argument(
        description=(
            "Of a Member, Facility, Bill, Invoice, PaymentCertificate or Consent; another member's is "
            "NOT_FOUND."
        )
    ),
]
