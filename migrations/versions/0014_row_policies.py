"""Row-level security: what is not a buyer's is not there for the role of their connections.

The role belongs to the cluster, and other databases may use it: it is made where it is missing, and never dropped.
"""

import time
from collections.abc import Sequence

from alembic import context, op
from sqlalchemy.exc import DBAPIError

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LOCK_LIMIT, TRIES, BETWEEN = "900ms", 100, 0.5

# Two databases of one cluster may be brought up at once: who comes second finds the role. Whoever connects must be able
# to become it.
ROLE = """
do $$
begin
    if not exists (select from pg_roles where rolname = 'portal_buyer') then
        begin
            create role portal_buyer nologin;
        exception
            when duplicate_object or unique_violation then null;
            when insufficient_privilege then
                raise exception 'The portal needs a role "portal_buyer", and % may not make one.', current_user
                    using errcode = 'insufficient_privilege',
                    hint = format('Have an administrator run: create role portal_buyer nologin; grant portal_buyer to %I;',
                        current_user);
        end;
    end if;
    if not pg_has_role(current_user, 'portal_buyer', 'member') then
        begin
            execute format('grant portal_buyer to %I', current_user);
        exception
            when unique_violation then null;
            when insufficient_privilege then
                raise exception 'The portal must be able to become "portal_buyer", and % may not.', current_user
                    using errcode = 'insufficient_privilege',
                    hint = format('Have an administrator run: grant portal_buyer to %I;', current_user);
        end;
    end if;
end $$
"""
# `set local` leaves an empty string behind.
FUNCTIONS = (
    """create or replace function portal_accounts() returns text[] language sql stable parallel safe
       return nullif(current_setting('portal.accounts', true), '')::text[]""",
    """create or replace function portal_person() returns bigint language sql stable parallel safe
       return nullif(current_setting('portal.person', true), '')::bigint""",
    # With the rights of the tables' owner: the policy of `account` itself asks it.
    """create or replace function portal_lineage() returns text[] language plpgsql stable parallel safe
       security definer set search_path = pg_catalog, public as $$
       begin
           return array(select distinct unnest(path) from account where number = any(portal_accounts()));
       end $$""",
)

# Orders that carry a number that begins so: with the rights of the tables' owner, because the indexes on the upper case
# of numbers cannot be used under a policy, and within the accounts of the transaction all the same.
SEARCH = """
create or replace function portal_orders_with(beginning text, behind text, scope text[]) returns setof bigint
language plpgsql stable parallel safe security definer set search_path = pg_catalog, public as $$
declare
    mine text[] := scope;
begin
    if current_setting('role') = 'portal_buyer' then
        mine := array(select unnest(scope) intersect select unnest(portal_accounts()));
    end if;
    return query
        select o.id from orders o
        where upper(o.number) ~>=~ beginning and upper(o.number) ~<~ behind and o.account = any(mine)
        union
        select o.id from orders o where upper(o.purchase_order_number) ~>=~ beginning
            and upper(o.purchase_order_number) ~<~ behind and o.account = any(mine)
        union
        select l.order_id from order_line l
        where upper(l.sku) ~>=~ beginning and upper(l.sku) ~<~ behind and l.account = any(mine)
        union
        select s.order_id from shipment s
        where upper(s.number) ~>=~ beginning and upper(s.number) ~<~ behind and s.account = any(mine)
        union
        select s.order_id from package k join shipment s on s.id = k.shipment_id
        where upper(k.tracking_number) ~>=~ beginning and upper(k.tracking_number) ~<~ behind
            and s.account = any(mine)
        union
        select i.order_id from invoice i
        where upper(i.number) ~>=~ beginning and upper(i.number) ~<~ behind and i.account = any(mine);
end $$
"""

# What has the rights of the tables' owner is for nobody else.
CALLED = tuple(
    statement
    for function in ("portal_lineage()", "portal_orders_with(text, text, text[])")
    for statement in (
        f"revoke execute on function {function} from public",
        f"grant execute on function {function} to portal_buyer",
    )
)

THEIRS = "= any ((select portal_accounts())::text[])"
ABOVE = "= any ((select portal_lineage())::text[])"
ME = "= (select portal_person())"
BY_ACCOUNT = (
    "account_feed", "alert", "approval_decision", "approval_link", "approval_request", "approval_step",
    "audit_entry", "audit_head", "billing_run", "carrier_event", "cart", "cart_line", "cart_upload", "connection",
    "connection_secret", "credit_check", "credit_entry", "credit_figures",
    "dispute", "dispute_line", "dispute_message", "event", "goods_return", "goods_return_line",
    "hold", "impersonation", "impersonation_view", "invoice", "invoice_document", "invoice_line", "invoice_status",
    "invoice_tax", "line_billing", "mail", "notice", "order_line", "order_status", "orders", "package", "payment",
    "portion", "promise_change", "queue_override", "return_credit", "return_picture", "return_receipt",
    "saved_list", "saved_list_line", "ship_to", "shipment", "shipment_line", "substitution", "task", "token",
    "watcher",
)  # fmt: skip
AND_ABOVE = (
    "agreed_price", "allocation_agreement", "approval_policy", "identity_provider", "membership", "own_sku",
    "price_agreement",
)  # fmt: skip
OWN = ("bulk_run", "bundle", "calendar_link", "notification_choice", "today_visit")
COLLEAGUES = ("authenticator", "external_identity", "login", "passkey", "recovery_code")
POLICIES = {
    **dict.fromkeys(BY_ACCOUNT, f"account {THEIRS}"),
    **dict.fromkeys(AND_ABOVE, f"account {ABOVE}"),
    **dict.fromkeys(OWN, f"person_id {ME}"),
    **{
        table: f"person_id {ME} or exists (select from membership m where m.person_id = {table}.person_id "
        f"and m.account {THEIRS})"
        for table in COLLEAGUES
    },
    "account": f"number {THEIRS} or number {ABOVE}",
    "acquaintance": f"account = '' and (select portal_accounts()) is not null or account {ABOVE}",
    "approval_seat": f"request_account {THEIRS}",
    "bulk_row": "exists (select from bulk_run r where r.id = bulk_row.run_id)",
    "delivery": "exists (select from connection c where c.id = delivery.connection_id)",
    "delivery_attempt": "exists (select from delivery d where d.id = delivery_attempt.delivery_id)",
    "feed_reader": f"account {THEIRS} and exists (select from token t where t.id = feed_reader.token_id)",
    "delegation": f"account {ABOVE} or from_person_id {ME} or to_person_id {ME}",
    "order_visit": f"account {THEIRS} and person_id {ME}",
    "person": "exists (select from acquaintance k where k.person_id = person.id)",
}
COMMON = (
    "clock", "feed_base", "freight_tariff", "inbound", "inbound_line", "location", "product", "stock_level", "supplier",
)  # fmt: skip
KEPT_BACK = ("approval_link", "mail", "notice", "task")
# Of these all columns but those named.
WITHHELD = {
    "authenticator": ("secret", "last_step"),
    "calendar_link": ("sha256",),
    "connection_secret": ("sealed",),
    "identity_provider": ("client_secret",),
    "inbound_line": ("for_order", "for_line"),
    "login": ("provider_token",),
    "passkey": ("public_key", "sign_count"),
    "person": ("password_hash", "session_epoch"),
    "queue_override": ("note",),
    "recovery_code": ("sha256",),
    "token": ("sha256",),
}
GRANT_ALL_BUT = """
do $$
begin
    execute (
        select format('grant select (%s) on {table} to portal_buyer', string_agg(quote_ident(attname), ', '))
        from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped
            and attname not in ({withheld}));
end $$
"""
# What was granted column by column is taken back so.
REVOKE = """
do $$
begin
    execute (
        select format('revoke all (%s) on {table} from portal_buyer', string_agg(quote_ident(attname), ', '))
        from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped);
    revoke all on {table} from portal_buyer;
end $$
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _briefly(f"set lock_timeout = '{LOCK_LIMIT}'")
        for statement in (ROLE, *FUNCTIONS, SEARCH, *CALLED, "grant usage on schema public to portal_buyer"):
            _briefly(statement)
        for table, condition in POLICIES.items():
            _briefly(f"drop policy if exists {table}_of_buyers on {table}")
            _briefly(
                f"create policy {table}_of_buyers on {table} for select to portal_buyer using ({condition})"
            )
            # The owner, as whom the portal itself connects, is not concerned.
            _briefly(f"alter table {table} enable row level security")
        for table in sorted({*POLICIES, *COMMON} - {*KEPT_BACK}):
            if table in WITHHELD:
                withheld = ", ".join(f"'{column}'" for column in WITHHELD[table])
                _briefly(GRANT_ALL_BUT.format(table=table, withheld=withheld))
            else:
                _briefly(f"grant select on {table} to portal_buyer")
        _briefly("set lock_timeout = '5s'")


def _briefly(statement: str) -> None:
    """In a transaction of its own, again and again until its lock is free: see 0013."""
    if context.is_offline_mode():
        # Each can be run again by itself.
        op.execute(f"-- squawk-ignore prefer-robust-stmts, ban-drop-constraint\n{statement.strip()}")
        return
    for left in reversed(range(TRIES)):
        try:
            op.get_bind().exec_driver_sql(statement)
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != "55P03" or not left:
                raise
            time.sleep(BETWEEN)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _briefly(f"set lock_timeout = '{LOCK_LIMIT}'")
        for table in POLICIES:
            _briefly(f"alter table {table} disable row level security")
            _briefly(f"drop policy if exists {table}_of_buyers on {table}")
        for table in sorted({*POLICIES, *COMMON} - {*KEPT_BACK}):
            _briefly(REVOKE.format(table=table))
        _briefly("revoke usage on schema public from portal_buyer")
        _briefly("drop function if exists portal_orders_with(text, text, text[])")
        for function in ("portal_lineage", "portal_person", "portal_accounts"):
            _briefly(f"drop function if exists {function}()")
        _briefly("set lock_timeout = '5s'")
