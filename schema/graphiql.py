"""The GraphiQL page for browsers, as `python -m web.build` made it."""

from pathlib import Path
from typing import Final

from starlette.responses import HTMLResponse, Response

PAGE_FOLDER: Final = Path(__file__).resolve().parents[1] / "web" / "dist"
"Beside the packages, in a checkout as in an installation."

_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Kenshin</title>
<p>The GraphQL endpoint is here: POST a query to this address.
GraphiQL was not built: run <code>make page</code>, which needs Node.js 20 or later.</p>
"""


def graphiql_page() -> Response:
    """GraphiQL, or a page that says why it is not there."""
    page = PAGE_FOLDER / "graphiql.html"
    return HTMLResponse(page.read_text("utf-8") if page.is_file() else _NOT_BUILT)
