"""Addresses of files as clients see them."""

from datetime import datetime

import strawberry

from resolvers import downloads as resolve


@strawberry.type(
    description=(
        "A file, fetched with GET while the session that asked for it lasts. Without a host the "
        "address is one of this server."
    )
)
class Download:
    url: str = strawberry.field(
        description=(
            "Fetch it with GET, without further headers. It is signed: whoever has it can fetch "
            "the file."
        )
    )
    expires_at: datetime = strawberry.field(description="Fetch it before; then ask again.")


def download_type(download: resolve.Download) -> Download:
    return Download(url=download.url, expires_at=download.ends_at)
