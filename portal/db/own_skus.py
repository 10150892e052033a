"""What buyers call products: their own codes, understood wherever a SKU is, and what was probably meant by another."""

from collections.abc import Iterable, Mapping, Sequence

from portal.db.shop import Customer
from portal.db.work import Connection

LISTED = "select code, sku from own_sku where account = $1 order by upper(code)"
# An account's own word goes before its parents'. A product's number however it is written counts only where it is
# nowhere written just so.
MEANT = """
with said as (select distinct code from unnest($1::text[]) code)
select s.code, p.sku, 0 as how from said s join product p on p.sku = s.code
union all
select s.code, o.sku, 1 from said s cross join lateral (
    select sku from own_sku where account = any($2::text[]) and upper(code) = upper(s.code)
    order by array_position($2::text[], account) desc limit 1) o
union all
select s.code, p.sku, 2 from said s join product p on upper(p.sku) = upper(s.code) and p.sku <> s.code
order by how, sku
"""
# What begins alike, or is made of the same letters (two changed places, one too many or too few), whatever stands
# between them; or has the words in its name.
LIKE = """
with said as (select distinct code, upper(regexp_replace(code, '[^[:alnum:]]', '', 'g')) as bare
    from unnest($1::text[]) code),
known as materialized (
    select sku as word, sku, name, upper(regexp_replace(sku, '[^[:alnum:]]', '', 'g')) as bare from product where active
    union all
    select o.code, o.sku, p.name, upper(regexp_replace(o.code, '[^[:alnum:]]', '', 'g'))
    from own_sku o join product p on p.sku = o.sku where o.account = any($2::text[]) and p.active)
select s.code, found.word, found.sku, found.name from said s cross join lateral (
    select k.word, k.sku, k.name from known k
    where length(s.bare) > 1 and (k.bare like left(s.bare, 3) || '%'
        or left(k.bare, 1) = left(s.bare, 1) and abs(length(k.bare) - length(s.bare)) < 2
            and length(translate(k.bare, s.bare, '')) < 2 and length(translate(s.bare, k.bare, '')) < 2
        or length(s.code) > 3 and strpos(lower(k.name), lower(s.code)) > 0)
    order by abs(length(k.bare) - length(s.bare)), k.sku limit $3
) found
"""
MOST_ALIKE = 150


async def listed(conn: Connection, account: str) -> list[tuple[str, str]]:
    """(code, SKU) of an account's own words, not of its parents'."""
    return [(row["code"], row["sku"]) for row in await conn.fetch(LISTED, account)]


async def replace(conn: Connection, account: str, words: Mapping[str, str]) -> None:
    """These codes and no others."""
    await conn.execute("delete from own_sku where account = $1", account)
    await conn.executemany(
        "insert into own_sku (account, code, sku) values ($1, $2, $3)",
        [(account, code, sku) for code, sku in sorted(words.items())],
    )


async def meant(conn: Connection, customer: Customer, codes: Iterable[str]) -> dict[str, list[str]]:
    """The SKUs that each code can mean to this account: one, none, or several between which nobody may choose."""
    rows = await conn.fetch(MEANT, list(codes), list(customer.path))
    exact: dict[str, list[str]] = {}
    folded: dict[str, list[str]] = {}
    for row in rows:
        found = exact if row["how"] < 2 else folded
        known = found.setdefault(row["code"], [])
        if row["sku"] not in known:
            known.append(row["sku"])
    return folded | exact


async def alike(
    conn: Connection, customer: Customer, codes: Sequence[str]
) -> dict[str, list[tuple[str, str, str]]]:
    """(the word that is like it, its SKU, its name) for each code that means nothing; many, to be ranked."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    if codes:
        for row in await conn.fetch(LIKE, list(codes), list(customer.path), MOST_ALIKE):
            found.setdefault(row["code"], []).append((row["word"], row["sku"], row["name"]))
    return found


async def names(conn: Connection, skus: Sequence[str]) -> dict[str, str]:
    """What the products are called, by SKU."""
    rows = await conn.fetch("select sku, name from product where sku = any($1::text[])", list(skus))
    return {row["sku"]: row["name"] for row in rows}
