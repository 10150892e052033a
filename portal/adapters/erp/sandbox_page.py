"""The sandbox ERP's page: how it behaves, and what it knows. Plain forms."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Sandbox ERP</title>
<style>
body {{ max-inline-size: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }}
fieldset {{ border: 1px solid #8888; margin-block: 1rem; padding: .6rem 1rem; }}
label {{ display: block; margin-block: .3rem; }}
input[type=text] {{ font: inherit; inline-size: 12rem; max-inline-size: 100%; }}
table {{ border-collapse: collapse; inline-size: 100%; }}
th, td {{ padding: .2rem .6rem .2rem 0; text-align: start; border-block-start: 1px solid #8884; }}
.scroll {{ overflow-x: auto; max-block-size: 24rem; }}
button {{ font: inherit; min-block-size: 2rem; padding: 0 .8rem; margin-inline-end: .5rem; }}
</style></head><body><main>
<h1>Sandbox ERP</h1>
<p>The portal asks it for credit, and tells it what happens to orders. It <strong>{now}</strong>.</p>
<form method="post" action="/"><input type="hidden" name="form" value="{form}">
<fieldset><legend>From now on it</legend>{choices}
<button>Let it behave so</button></fieldset></form>
<h2>What it was told</h2>
{told}
<h2>What it knows</h2>
{accounts}
<h2>An account that it does not know yet</h2>
{another}
</main></body></html>
"""
FIELDS = (
    ("currency", "Currency"),
    ("credit_limit", "Credit limit; empty: any amount"),
    ("invoiced_unpaid", "Invoiced and not paid"),
    ("other_orders", "Open orders from elsewhere"),
    ("portal_invoiced", "Ever invoiced of the portal's orders"),
)


def page(
    behaviour: str,
    behaviours: Mapping[str, str],
    accounts: Mapping[str, Any],
    form: str,
    told: Sequence[Mapping[str, Any]],
) -> str:
    """`form` is what shows that whoever sends one has seen the page; `told` is what it booked, the oldest first."""
    choices = "".join(
        f'<label><input type="radio" name="behaviour" value="{name}"{" checked" if name == behaviour else ""}> '
        f"{said}</label>"
        for name, said in behaviours.items()
    )
    return PAGE.format(
        now=behaviours[behaviour],
        form=form,
        told=_told(told),
        choices=choices,
        accounts="".join(_account(number, figures, form) for number, figures in sorted(accounts.items())),
        another=_account("", {"currency": "GBP"}, form),
    )


COLUMNS = (
    ("at", "Booked at"),
    ("type", "What"),
    ("order", "Order"),
    ("state", "State"),
    ("version", "Version"),
    ("customer", "Customer"),
    ("id", "Key"),
)


def _told(told: Sequence[Mapping[str, Any]]) -> str:
    if not told:
        return "<p>Nothing yet.</p>"
    heads = "".join(f'<th scope="col">{word}</th>' for _, word in COLUMNS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(one.get(name) or ''))}</td>" for name, _ in COLUMNS) + "</tr>"
        for one in reversed(told)
    )
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="What it was told"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _account(number: str, figures: Mapping[str, Any], form: str) -> str:
    name = escape(number, quote=True)
    named = (
        f'<input type="hidden" name="account" value="{name}">'
        if number
        else '<label>Account <input type="text" name="account" required></label>'
    )
    fields = "".join(
        f'<label>{said} <input type="text" name="{field}" '
        f'value="{escape(str(figures.get(field) or ""), quote=True)}"></label>'
        for field, said in FIELDS
    )
    held = " checked" if figures.get("credit_hold") else ""
    forget = '<button name="forget" value="yes">Forget it</button>' if number else ""
    return (
        f'<form method="post" action="/"><input type="hidden" name="form" value="{form}">'
        f"<fieldset><legend>{name or 'New account'}</legend>{named}{fields}"
        f'<label><input type="checkbox" name="credit_hold"{held}> On credit hold</label>'
        f"<button>Say so</button>{forget}</fieldset></form>"
    )
