"""Tasks of account managers: all that are open, mine first; doing one, and writing down how it stands."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import account_board, tasks
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import tasks as doing
from portal.pages import local_path
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.accounts.tasks import task_rows

PATH = "/tasks"
PER_PAGE = 50
LONGEST_NOTE = 1000


@get("/tasks", name="tasks")
async def index(request: PageRequest) -> Response[Any]:
    """`whose=all` shows everybody's; `after` pages on."""
    asked = await asking(request, needs="tasks:do")
    return await _draw(asked)


@post("/tasks/{task:str}/completion", name="task-completion", status_code=200)
async def complete(task: FromPath[str], request: PageRequest) -> Response[Any]:
    """It is done; `next` is where the form stood."""
    return await _act(request, task, "done", doing.do)


@post("/tasks/{task:str}/note", name="task-note", status_code=200)
async def note(task: FromPath[str], request: PageRequest) -> Response[Any]:
    """How it stands, for whoever reads it next."""
    return await _act(request, task, "noted", doing.note)


async def _act(
    request: PageRequest, task: str, what: str, act: Callable[..., Awaitable[tasks.Task]]
) -> Response[Any]:
    asked = await asking(request, needs="tasks:do")
    form = await request.form()
    words = str(form.get("note", "")).replace("\x00", "").strip()[:LONGEST_NOTE] or None
    if not (task.isascii() and task.isdigit() and len(task) < 18):
        raise NotFound(f"There is no task {task}.")

    async def do(work: Work) -> Outcome:
        found = await act(work, asked.viewer, int(task), words)
        return {"what": what, "order": found.order, "account": found.account_name}

    try:
        await once(asked, form, PATH, do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _draw(asked, refusal)
    return _led(form)


def _led(form: Mapping[str, Any]) -> Redirect:
    """Back to where the form stood, with what came of it."""
    path = local_path(str(form.get("next", "")), PATH).partition("#")[0].partition("?")[0]
    path = path if path.startswith((PATH, "/accounts")) else PATH
    return Redirect(f"{path}?{urlencode({'done': str(form['form'])})}", status_code=303)


async def _draw(asked: Asked, refusal: Refused | None = None) -> Response[Any]:
    query = asked.request.query_params
    raw = query.get("after", "")
    after = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0
    me = asked.viewer.person_id
    async with asked.reading() as conn:
        is_mine = query.get("whose") != "all" and await account_board.manages_any(conn, me)
        found, following = await tasks.open_of(conn, me if is_mine else None, after, PER_PAGE)
    whose = {} if is_mine else {"whose": "all"}
    return asked.page(
        "accounts/tasks.html",
        section="accounts",
        status=_status(refusal),
        headers={"Cache-Control": "private, no-cache"},
        tasks=task_rows(found, asked.tongue, asked.today),
        is_mine=is_mine,
        following=f"{PATH}?{urlencode({**whose, 'after': following})}" if following else "",
        first=f"{PATH}?{urlencode(whose)}" if after else "",
        refusal=refusal,
        done=await came_of(asked, PATH, query.get("done")),
        form_id=new_form(),
    )


def _status(refusal: Refused | None) -> int:
    if refusal is None:
        return 200
    return 409 if isinstance(refusal, Conflict) else 422


router = Router(
    "/", route_handlers=[index, Router("/", route_handlers=[complete, note], guards=[signed_in, ours])]
)
