"""Files of a bill: its breakdown as CSV (BI-4)."""

from functools import partial

from datasources.bill_csv import bill_csv
from domain.downloads import Document
from resolvers.bills import bill
from resolvers.context import RequestContext
from resolvers.downloads import File, write_bytes


async def bill_csv_file(context: RequestContext, document: Document) -> File:
    """The breakdown of a bill of who asks; raises as `bill` does."""
    found = await bill(context, document.key)
    place = await context.loaders.facility(found.facility)
    name = place.name if place and place.owner == found.owner else ""
    return File(
        f"請求内訳_{found.number}.csv", partial(write_bytes, make=partial(bill_csv, found, name))
    )
