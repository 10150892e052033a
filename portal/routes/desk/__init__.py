"""The desk of the supplier's people: everything under `/desk`."""

from litestar import Router

from portal.routes.desk import board

router = Router(
    "/desk",
    route_handlers=[
        board.router,
    ],
    opt={"no_compress": True},
)
