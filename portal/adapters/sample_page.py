"""The sample customer's page: what came, whether its signature was right, and switches. Plain forms."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Json = dict[str, Any]

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Sample customer system</title>
<style>
body {{ max-inline-size: 70rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }}
fieldset {{ border: 1px solid #8888; margin-block: 1rem; padding: .6rem 1rem; }}
label {{ display: block; margin-block: .3rem; min-block-size: 1.5rem; }}
input[type=text], input[type=password] {{ font: inherit; inline-size: 28rem; max-inline-size: 100%; }}
button {{ font: inherit; min-block-size: 2rem; padding: 0 .8rem; }}
.two {{ display: grid; gap: 0 2rem; align-items: start; }}
.two, summary {{ grid-template-columns: repeat(auto-fit, minmax(min(var(--least), 100%), 1fr)); }}
.two {{ --least: 24rem; }}
ol {{ list-style: none; padding: 0; }}
li {{ border-block-start: 1px solid #8886; }}
summary {{ --least: 11rem; display: grid; gap: 0 1rem; padding-block: .4rem; cursor: pointer; }}
summary b {{ overflow-wrap: anywhere; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }}
.bad {{ font-weight: bold; }}
</style></head><body><main>
<h1>Sample customer system</h1>
<p>The portal tells it by webhook what happens to its orders. It <strong>{now}</strong>.</p>
<p>{sum}</p>
{proof}
<div class="two"><form method="post" action="/"><input type="hidden" name="form" value="{form}">
<fieldset><legend>From now on it</legend>{choices}
<button>Let it behave so</button></fieldset></form>
<form method="post" action="/"><input type="hidden" name="form" value="{form}">
<fieldset><legend>Secret</legend><p>{keys}</p>
<label>A new one, as the portal shows it once <input type="password" name="key" autocomplete="off" required></label>
<button>Know it</button></fieldset></form></div>
<h2>What came, newest first</h2>
<p><a href="/">Look again</a></p>
{messages}
<form method="post" action="/"><input type="hidden" name="form" value="{form}">
<button name="forget" value="yes">Forget what came</button></form>
</main></body></html>
"""


def page(
    behaviour: str, behaviours: Mapping[str, str], keys: int, received: Sequence[Json], form: str
) -> str:
    """`form` is what shows that whoever sends one has seen the page."""
    choices = "".join(
        f'<label><input type="radio" name="behaviour" value="{name}"{" checked" if name == behaviour else ""}> '
        f"{said}</label>"
        for name, said in behaviours.items()
    )
    return PAGE.format(
        now=behaviours[behaviour],
        sum=_sum(received),
        proof=_proof(received),
        form=form,
        choices=choices,
        keys="It knows none yet: make an endpoint in the portal and paste its secret here."
        if not keys
        else f"It knows {keys}; the newest and the one before are accepted.",
        messages=_messages(received),
    )


def _sum(received: Sequence[Json]) -> str:
    taken = [one for one in received if one["problem"] is None and 200 <= one["status"] < 300]
    wrong = [one for one in received if one["problem"] is not None]
    different = len({one["id"] for one in taken})
    return (
        f"{len(received)} messages came: {len(taken)} were taken ({different} different), "
        f"{len(wrong)} had a signature that is not right."
    )


def _proof(received: Sequence[Json]) -> str:
    """Each account's numbers go up by one: a hole would show. With a filter of types there are holes of course."""
    numbers: dict[str, set[int]] = {}
    for one in received:
        if one["problem"] is None and 200 <= one["status"] < 300 and isinstance(one["sequence"], int):
            numbers.setdefault(str(one["account"]), set()).add(one["sequence"])
    told = []
    for account, found in sorted(numbers.items()):
        missing = sorted(set(range(min(found), max(found) + 1)) - found)
        said = f"missing: {_few(missing)}" if missing else "none is missing"
        told.append(f"<li>{escape(account)}: numbers {min(found):,} to {max(found):,}, {said}</li>")
    return f"<ul>{''.join(told)}</ul>" if told else ""


def _few(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return ", ".join(f"{one:,}" for one in numbers[:10]) + more


def _messages(received: Sequence[Json]) -> str:
    if not received:
        return "<p>Nothing yet.</p>"
    seen: dict[str, int] = {}
    rows = []
    for one in received:
        seen[one["id"]] = seen.get(one["id"], 0) + 1
        rows.append(_message(one, seen[one["id"]]))
    return f"<ol>{''.join(reversed(rows))}</ol>"


def _message(one: Json, time: int) -> str:
    said = (
        "signature right" if one["problem"] is None else f'<span class="bad">{escape(one["problem"])}</span>'
    )
    answered = f"answered {one['status']}" if one["status"] else "hung up"
    again = f", {time} times now" if time > 1 else ""
    order = escape(str(one["order"] or ""))
    number = f", number {one['sequence']:,}" if isinstance(one["sequence"], int) else ""
    headers = "\n".join(f"{escape(name)}: {escape(value)}" for name, value in one["headers"].items())
    return (
        f"<li><details><summary><b>{escape(one['type'] or 'something else')}</b> <span>{order}{number}</span> "
        f"<span>{said}</span> <span>{answered}{again}</span> <span>{escape(one['id'])}</span> "
        f"<time>{escape(one['at'][:19].replace('T', ' '))}</time></summary>"
        f"<pre>{headers}</pre><pre>{escape(_readable(one['body']))}</pre></details></li>"
    )


def _readable(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
