"""What is wrong now, kind by kind: the same condition for the board, an account's page and the list of orders.

Each answers rows of (account, id): of an order, or of what else is wrong. `{today}` stands for the supplier's day,
`{lately}` for the instant from which on something is new; `which` says of what orders, for the alias of their row.
"""

from collections.abc import Callable, Mapping

from portal.db.underway import LATE as LATE_SHIPMENT
from portal.db.underway import TROUBLED

Which = Callable[[str], str]


def everything(_alias: str) -> str:
    return "true"


def _late(which: Which) -> str:
    """Something was to have arrived, by its first promise or by its carrier's word, and has not. Two indexes know what
    is still to come: that which waits, and that which is ours."""
    return f"""select p.account, p.order_id as id from portion p where p.stage = 'waiting'
            and p.first_arrives_on < {{today}} and {which("p.order_id")}
        union all select p.account, p.order_id from portion p where p.stage in ('allocated', 'picking', 'packed')
            and p.first_arrives_on < {{today}} and {which("p.order_id")}
        union all select h.account, h.order_id from shipment h where {LATE_SHIPMENT} and {which("h.order_id")}"""


def _failed(which: Which) -> str:
    return f"select h.account, h.order_id as id from shipment h where {TROUBLED} and {which('h.order_id')}"


def _silent(which: Which) -> str:
    """Those that somebody is still to look after."""
    return f"""select t.account, t.order_id as id from task t where t.kind = 'silence' and t.state = 'open'
        and {which("t.order_id")}"""


def _held(which: Which) -> str:
    return f"""select h.account, h.order_id as id from hold h join order_status s on s.order_id = h.order_id
        where h.released_at is null and s.state in ('open', 'held', 'closed') and {which("h.order_id")}"""


def _moved(which: Which) -> str:
    """Whatever changes of an order says when: only those that changed lately have promises that moved lately."""
    return f"""select s.account, s.order_id as id from order_status s
        where s.updated_at > {{lately}} and s.state in ('open', 'held') and {which("s.order_id")}
            and exists (select from promise_change c where c.order_id = s.order_id and c.at > {{lately}}
                and c.old_arrives_on is not null
                and (c.new_arrives_on is null or c.new_arrives_on > c.old_arrives_on))"""


OF_ORDERS: Mapping[str, Callable[[Which], str]] = {
    "late": _late,
    "failed": _failed,
    "silent": _silent,
    "held": _held,
    "moved": _moved,
}
OF_ACCOUNTS: Mapping[str, str] = {
    "disputed": "select d.account, d.id from dispute d where d.state = 'open'",
    "returns": "select r.account, r.id from goods_return r where r.state = 'requested'",
    "overdue": "select i.account, i.invoice_id as id from invoice_status i where i.due > 0 and i.due_on < {today}",
    "bounced": """select m.account, p.id from person p join membership m on m.person_id = p.id
        where p.mail_problem is not null and p.active""",
    "endpoints": """select c.account, hashtext(c.id)::bigint as id from connection c
        where c.account is not null and c.deleted_at is null
            and (c.state = 'disabled' and c.disabled_because is distinct from 'by_hand'
                or c.state = 'active' and c.failing_since is not null)""",
}


def has(kind: str, order: str, today: str, lately: str) -> str:
    """A condition: whether the order in this column has a problem of this kind."""
    found = OF_ORDERS[kind](lambda column: f"{column} = {order}")
    return f"exists ({found.format(today=today, lately=lately)})"


def is_among(kind: str, order: str, today: str, lately: str) -> str:
    """The same, found once for the whole book: where orders are not narrowed down otherwise, most have no problem."""
    found = OF_ORDERS[kind](everything)
    return f"{order} in (select f.id from ({found.format(today=today, lately=lately)}) f)"


def all_of_them(today: str, lately: str) -> str:
    """(kind, account, id) of everything that is wrong; one thing may stand there twice."""
    branches = {kind: of(everything) for kind, of in OF_ORDERS.items()} | dict(OF_ACCOUNTS)
    said = [f"select '{kind}' as kind, f.account, f.id from ({sql}) f" for kind, sql in branches.items()]
    return "\nunion all ".join(said).format(today=today, lately=lately)
