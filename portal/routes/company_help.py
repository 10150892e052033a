"""What the supplier does about an account's own sign-in: agree to its mail domains, and open a way back in."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db.work import Work
from portal.domain.refusals import Unacceptable
from portal.operations import letting_back_in
from portal.operations.letting_back_in import HELPS
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.problems import account_path

PATH = "/accounts/sign-in"


@post("/accounts/{number:str}/sign-in/domains", name="account-sign-in-domains")
async def confirm(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """These mail domains are the company's: its provider may speak for whoever has an address there."""
    asked = await _asked(request)
    form = await request.form()
    domains = str(form.get("domains", ""))[:4000].split()
    if not domains:
        raise Unacceptable("Say which mail domains.")
    if (away := await asked.prove()) is not None:
        return away

    async def do(work: Work) -> Outcome:
        await letting_back_in.confirm(work, asked.viewer, number, domains)
        return {"what": "arranged"}

    return await _done(asked, form, number, do)


@post("/accounts/{number:str}/sign-in/way-back", name="account-sign-in-way-back")
async def way_back(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """For a day its people come in by passwords and passkeys, too; or not any more."""
    asked = await _asked(request)
    form = await request.form()
    turns: Mapping[str, Any] = {
        "open": letting_back_in.open_way_back,
        "close": letting_back_in.close_way_back,
    }
    state = str(form.get("state", ""))
    if state not in turns:
        raise Unacceptable("Say whether it is to be opened or closed.")
    if (away := await asked.prove()) is not None:
        return away

    async def do(work: Work) -> Outcome:
        await turns[state](work, asked.viewer, number)
        return {"what": "arranged"}

    return await _done(asked, form, number, do)


async def _asked(request: PageRequest) -> Asked:
    """Those of the supplier who may."""
    return await asking(request, needs=HELPS)


async def _done(asked: Asked, form: Mapping[str, Any], number: str, do: Any) -> Response[Any]:
    await once(asked, form, PATH, do)
    said = urlencode({"done": str(form["form"])})
    return Redirect(f"{account_path(number)}?{said}", status_code=303)


router = Router("/", route_handlers=[confirm, way_back], guards=[signed_in, ours])
