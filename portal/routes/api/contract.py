"""The contract as a document and as a page to read it, both from this machine."""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, get

from portal.routes.api.describing import complete
from portal.routes.static import assets

PATH = "/api/v1"
# The reader draws with styles and pictures of its own making; no script but ours runs, nothing comes from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Buyer portal: the API, version 1</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<noscript>This page needs a script to draw <a href="{document}">the OpenAPI document</a>.</noscript>
<main id="contract" data-document="{document}"></main>
<script src="{reader}"></script>
<script src="{start}"></script>
</body>
</html>
"""


@get(f"{PATH}/openapi.json", include_in_schema=False, sync_to_thread=False)
def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """OpenAPI 3.1, made from the code."""
    return Response(_encoded(request.app), media_type=MediaType.JSON)


@lru_cache(maxsize=1)
def _encoded(app: Litestar) -> bytes:
    return msgspec.json.encode(complete(app.openapi_schema.to_schema()))


@get(f"{PATH}/docs", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=False)
def page() -> Response[str]:
    """The same for people."""
    text = PAGE.format(
        icon=assets.url("images/mark.svg"),
        style=assets.url("vendor/swagger-ui.css"),
        document=f"{PATH}/openapi.json",
        reader=assets.url("vendor/swagger-ui.js"),
        start=assets.url("js/contract.js"),
    )
    return Response(text, media_type=MediaType.HTML, headers={"Content-Security-Policy": POLICY})
