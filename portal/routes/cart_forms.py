"""The forms of the cart as they were sent: pasted lines, and a table of lines of which some were changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from portal.db.carts import Row
from portal.domain import pasting, written
from portal.domain.pasting import LONGEST_CODE, Pasted
from portal.domain.quantities import text
from portal.domain.refusals import Problem, Unacceptable
from portal.filters import Tongue
from portal.operations.carting import Change, Changed
from portal.routes.asking import lines_of
from portal.views.buying.words import decimal_mark

# As many as fit into one request with room to spare; a file takes more.
MOST_PASTED = 2000


def pasted(form: Mapping[str, Any], tongue: Tongue) -> list[Pasted]:
    """Lines that were typed or pasted, or one product of a list with its quantity."""
    if sku := str(form.get("sku", "")).strip():
        return [_one(sku, str(form.get("quantity", "")), tongue)]
    lines = lines_in(str(form.get("lines", "")), tongue)
    if not lines:
        example = tongue.gettext("Type or paste at least one line, such as: ABC-123 10")
        raise Unacceptable(example, [Problem("lines", "")])
    return lines


def lines_in(said: str, tongue: Tongue) -> list[Pasted]:
    """What was typed into one field; refused when it is more than fits there, before anything of it is read."""
    if (count := pasting.count(said)) > MOST_PASTED:
        template = tongue.gettext(
            "These are {n} lines, and at most {most} can be pasted at once. Nothing was added: upload them as a file, "
            "or paste them in parts."
        )
        many, most = tongue.number(count), tongue.number(MOST_PASTED)
        raise Unacceptable(template.format(n=many, most=most), [Problem("lines", "too many")])
    return pasting.parse(said, decimal_mark(tongue))


def _one(sku: str, quantity: str, tongue: Tongue) -> Pasted:
    amount = written.quantity(quantity, decimal_mark(tongue)) if quantity.strip() else None
    if not amount:
        raise Unacceptable(
            tongue.gettext("Say how many of {sku}, in digits.").format(sku=sku), [Problem("quantity", "")]
        )
    return Pasted(1, sku[:LONGEST_CODE], sku[:LONGEST_CODE], amount)


@dataclass(slots=True)
class Edited:
    """What a table of lines says. `errors` by field; with any, nothing of it can be kept yet."""

    changes: list[Change] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def edited(form: Mapping[str, Any], tongue: Tongue) -> Edited:
    """The lines that were changed, each beside what the form had shown of it."""
    found = Edited()
    took = _take(form)
    for position, was in lines_of(form, "was").items():
        shown = Shown(*[*was.split("|", 3), "", "", ""][:4])
        said = _line(form, position, shown.needs_a_look, took.get(position, {}))
        change = _read(found, position, said, shown, tongue)
        if change is not None:
            found.changes.append(change)
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the form had shown it (`views.cart.was`)."""

    quantity: str
    need_by: str
    mark: str
    code: str

    @property
    def needs_a_look(self) -> bool:
        return self.mark == "!"


def _take(form: Mapping[str, Any]) -> dict[int, dict[str, str]]:
    """A button that takes a suggestion: `take` is `<position>|code|<SKU>` or `<position>|qty|<quantity>`."""
    position, name, value = [*str(form.get("take", "")).split("|", 2), "", ""][:3]
    is_said = position.isascii() and position.isdigit() and name in {"code", "qty"} and len(position) < 10
    return {int(position): {name: value}} if is_said else {}


def taken_out(form: Mapping[str, Any]) -> list[int]:
    """The line whose button takes it out."""
    said = str(form.get("remove", ""))
    return [int(said)] if said.isascii() and said.isdigit() and len(said) < 10 else []


def _line(form: Mapping[str, Any], position: int, has_code: bool, took: Mapping[str, str]) -> dict[str, str]:
    names = ("code", "qty", "need") if has_code else ("qty", "need")
    typed = {name: str(form.get(f"{name}-{position}", "")).replace("\x00", "").strip() for name in names}
    return typed | dict(took)


def _read(
    found: Edited, position: int, said: Mapping[str, str], shown: Shown, tongue: Tongue
) -> Change | None:
    """None when nothing of the line was changed, or when it cannot be read."""
    _ = tongue.gettext
    quantity = written.quantity(said["qty"], decimal_mark(tongue)) if said["qty"] else None
    if said["qty"] and quantity is None:
        found.errors[f"qty-{position}"] = _("Write a quantity in digits, such as 12 or 12.5.")
    if not said["qty"] and not shown.needs_a_look:
        found.errors[f"qty-{position}"] = _("Say how many, or 0 to take the line out.")
    need_by = written.read_day(said["need"]) if said["need"] else None
    if said["need"] and need_by is None:
        found.errors[f"need-{position}"] = _("Choose a day, or leave it empty.")
    code = said.get("code", shown.code)[:LONGEST_CODE]
    if (_written(quantity), str(need_by or ""), code) == (shown.quantity, shown.need_by, shown.code):
        return None
    before = (_number(shown.quantity), written.read_day(shown.need_by))
    is_recoded = bool(shown.needs_a_look and code and quantity != 0)
    return Change(position, before, quantity or None, need_by, code if is_recoded else None, shown.code)


def _written(quantity: Decimal | None) -> str:
    return text(quantity) if quantity is not None else ""


def _number(raw: str) -> Decimal | None:
    try:
        return Decimal(raw) if raw else None
    except ArithmeticError:
        return None


def told(done: Changed) -> dict[str, Any]:
    """What came of it, as it is kept for the page that follows."""
    return {
        "count": done.count,
        "clashes": [_clash(one) for one in done.clashes],
        "gone": [_clash(one) for one in done.gone],
        "removed": [msgspec.to_builtins(row) for row in done.removed],
    }


def _clash(one: Change) -> dict[str, Any]:
    return {
        "position": one.position,
        "quantity": _written(one.quantity),
        "need_by": str(one.need_by or ""),
        "code": one.code or one.name,
    }


def as_sent(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form under a number that its content is part of: sent again it does nothing anew, but changed and sent again
    it is another one. So somebody may go on in a window that shows an older page."""
    said = sorted((name, str(value)) for name, value in form.items() if name not in {"_csrf", "form"})
    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:12]
    return {**form, "form": f"{form['form']}-{digest}"} if form.get("form") else dict(form)


def removed_rows(outcome: Mapping[str, Any] | None) -> list[Row]:
    """The lines that a form took out, as they were."""
    return msgspec.convert((outcome or {}).get("removed", []), list[Row], strict=False)
