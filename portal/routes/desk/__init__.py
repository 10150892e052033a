"""The desk of the supplier's people: everything under `/desk`."""

from litestar import Router

from portal.routes.desk import (
    backorders,
    board,
    holds,
    queues,
    ready,
    receiving,
    runs,
    shipments,
    stock,
    underway,
    work,
)

router = Router(
    "/desk",
    route_handlers=[
        board.router,
        receiving.router,
        backorders.router,
        queues.router,
        stock.router,
        holds.router,
        underway.router,
        work.router,
        ready.router,
        runs.router,
        shipments.router,
    ],
    opt={"no_compress": True},
)
