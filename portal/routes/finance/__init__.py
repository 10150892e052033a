"""The finance pages of the supplier: everything under `/finance`."""

from litestar import Router

from portal.routes.finance import board, decisions, money

router = Router(
    "/finance",
    route_handlers=[board.router, decisions.router, money.router],
    opt={"no_compress": True},
)
