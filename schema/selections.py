"""What a query asks of the field that is being resolved."""

from schema.execution.calls import PlannedInfo
from schema.execution.selected import names_below
from schema.info import Info


def mentions(info: Info, name: str) -> bool:
    """Whether a field of this name is selected, be it under a condition that does not hold.

    One of a field right below is named with it: `points.yen`.
    """
    if isinstance(info, PlannedInfo):
        return name in info.names_below
    raw = info._raw_info  # noqa: SLF001 - its own `selected_fields` converts all that is below
    return name in names_below(raw.field_nodes, raw.fragments)
