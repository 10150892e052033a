"""What somebody does with a task: it is done, or it carries a note."""

from portal.db import tasks
from portal.db.tasks import Task
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, NotFound


async def do(work: Work, viewer: Viewer, task_id: int, note: str | None) -> Task:
    """It is done; whoever reads it later sees by whom, and what they wrote. Twice: the second is told of the first."""
    found = await _find(work, viewer, task_id)
    if not await tasks.settle(work.conn, task_id, viewer.name, note, work.now):
        found = await _find(work, viewer, task_id)
        raise Conflict(f"{found.done_by} has done this already.")
    return found


async def note(work: Work, viewer: Viewer, task_id: int, words: str | None) -> Task:
    """Write down how it stands, without ending it; no words take the note away."""
    found = await _find(work, viewer, task_id)
    await tasks.keep_note(work.conn, task_id, words)
    return found


async def _find(work: Work, viewer: Viewer, task_id: int) -> Task:
    viewer.need("tasks:do")
    found = await tasks.get(work.conn, task_id)
    if found is None or not viewer.sees(found.account):
        raise NotFound(f"There is no task {task_id}.")
    return found
