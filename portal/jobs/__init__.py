"""What is done outside of a request: thin entry points for the worker.

The worker gives them `ctx["pool"]` and `ctx["settings"]`.

`FUNCTIONS` are enqueued by name, `CRON_JOBS` (arq's `cron(...)`) run by the clock; the worker takes both from here.
"""

from typing import Any

from arq import cron
from arq.worker import func

from portal.jobs.approvals import mind_approvals
from portal.jobs.billing import bill_what_was_gathered
from portal.jobs.bulk import carry_on_all_bulk, carry_on_bulk
from portal.jobs.bundles import forget_bundles, make_bundles
from portal.jobs.credit import recheck_credit
from portal.jobs.documents import make_documents
from portal.jobs.impersonating import end_impersonations
from portal.jobs.keeping_up import keep_promises_up_to_date, tidy_up
from portal.jobs.mail import send_mail
from portal.jobs.news import gather_news
from portal.jobs.silence import close_settled_tasks, listen_for_silence
from portal.jobs.uploads import fill_all_carts, fill_cart
from portal.jobs.watching import watch_connections

FUNCTIONS: list[Any] = [
    func(carry_on_bulk, name="carry_on_bulk", timeout=25),
    func(send_mail, name="send_mail", timeout=25),
    func(fill_cart, name="fill_cart", timeout=25),
    func(make_documents, name="make_documents", timeout=25),
    func(make_bundles, name="make_bundles", timeout=25),
]
CRON_JOBS: list[Any] = [
    # A day ends somewhere every quarter of an hour; looking costs one query when nothing is due.
    cron(keep_promises_up_to_date, minute={0, 15, 30, 45}, run_at_startup=True, unique=True, timeout=25),
    # One query when no period is over.
    cron(bill_what_was_gathered, minute={2, 17, 32, 47}, run_at_startup=True, unique=True, timeout=25),
    cron(tidy_up, minute={7}, unique=True, timeout=25),
    # The moment it is asked for, a job is nudged; this finds what a killed worker left.
    cron(carry_on_all_bulk, second={30}, run_at_startup=True, unique=True, timeout=25),
    cron(fill_all_carts, second={15, 45}, run_at_startup=True, unique=True, timeout=25),
    # Reminders, escalation and expiry; one query when nothing is due.
    cron(mind_approvals, second={10}, run_at_startup=True, unique=True, timeout=25),
    # One query when of every open order something was heard.
    cron(listen_for_silence, minute={3, 18, 33, 48}, run_at_startup=True, unique=True, timeout=25),
    cron(close_settled_tasks, second={25}, unique=True, timeout=25),
    # One query when all goes through.
    cron(watch_connections, second={8, 38}, run_at_startup=False, unique=True, timeout=25),
    # Their pages are refused the moment they are over; this enters it. One query when none is.
    cron(end_impersonations, second={40}, run_at_startup=True, unique=True, timeout=25),
    # One query when nothing waits for the ERP.
    cron(recheck_credit, second={5, 20, 35, 50}, run_at_startup=True, unique=True, timeout=25),
    # As with bulk, of invoices: what a killed worker has left, and what is tried again.
    cron(make_documents, second=set(range(3, 60, 5)), run_at_startup=True, unique=False, timeout=25),
    cron(make_bundles, second=set(range(4, 60, 5)), run_at_startup=True, unique=False, timeout=25),
    cron(forget_bundles, minute={17}, unique=True, timeout=25),
    # One query when nothing happened.
    cron(gather_news, second=set(range(1, 60, 5)), run_at_startup=True, unique=True, timeout=25),
    # As with bulk, of mail: what a mail server that was away has left, and what became due while a worker was sending.
    cron(send_mail, second=set(range(0, 60, 10)), run_at_startup=True, unique=True, timeout=25),
]
