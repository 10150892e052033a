"""How other systems fare: everything under `/connections`, for the supplier's people."""

from litestar import Router

from portal.routes.connections import board, cases, one

router = Router("/connections", route_handlers=[board.router, cases.router, one.router])
