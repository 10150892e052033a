"""What came of a form of the cart, told on the page that follows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.db.uploads import Upload
from portal.domain.carts import Cart
from portal.filters import Tongue
from portal.views.buying.words import typeable

# As many of the lines that went as one reads; the rest are counted.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Told:
    """`undo` names the form that took lines out. `notes` stand beside lines, by position."""

    said: Sequence[str]
    is_warning: bool = False
    undo: str = ""
    notes: Mapping[int, str] = field(default_factory=dict)
    # Lines that are no longer there, as they were typed: to be added again.
    lost: str = ""


def told(done: Mapping[str, Any], cart: Cart, tongue: Tongue, key: str) -> Told | None:
    """None when there is nothing to tell."""
    said: list[str] = []
    if added := done.get("added"):
        said += _added(added, tongue)
    if done.get("removed"):
        said.append(_removed(done["removed"], tongue))
    if count := done.get("back"):
        template = tongue.ngettext("{n} line is back.", "{n} lines are back.", count)
        said.append(template.format(n=tongue.number(count)))
    if "agreed" in done:
        said += _agreed(done["agreed"], done["asked"], tongue)
    clashes, gone = done.get("clashes") or [], done.get("gone") or []
    notes = _notes(clashes, cart, tongue)
    if clashes or gone:
        template = tongue.ngettext(
            "{n} line was changed in another window meanwhile, so it was left as it is there.",
            "{n} lines were changed in another window meanwhile, so they were left as they are there.",
            len(clashes) + len(gone),
        )
        said.append(template.format(n=tongue.number(len(clashes) + len(gone))))
    if not said:
        return None
    return Told(said, bool(clashes or gone), key if done.get("removed") else "", notes, _lost(gone))


def uploaded(upload: Upload | None, tongue: Tongue) -> Told | None:
    """A file that has gone into the cart."""
    if upload is None:
        return None
    template = tongue.ngettext(
        "{name}: its {n} line is in the order.", "{name}: all {n} lines are in the order.", upload.total
    )
    return (
        Told([template.format(name=upload.name, n=tongue.number(upload.total))]) if upload.is_done else None
    )


def _added(added: Mapping[str, int], tongue: Tongue) -> list[str]:
    said = []
    if new := added["new"]:
        template = tongue.ngettext("{n} line was added.", "{n} lines were added.", new)
        said.append(template.format(n=tongue.number(new)))
    if merged := added["merged"]:
        template = tongue.ngettext(
            "{n} more was of a product that was there already: its quantity was added up.",
            "{n} more were of products that were there already: their quantities were added up.",
            merged,
        )
        said.append(template.format(n=tongue.number(merged)))
    if faulty := added["faulty"]:
        template = tongue.ngettext("{n} of them needs a look.", "{n} of them need a look.", faulty)
        said.append(template.format(n=tongue.number(faulty)))
    return said


def _removed(rows: Sequence[Mapping[str, Any]], tongue: Tongue) -> str:
    names = ", ".join(row["sku"] or row["typed"] for row in rows[:MOST_NAMED])
    more = len(rows) - MOST_NAMED
    if more <= 0:
        return tongue.gettext("Taken out: {names}.").format(names=names)
    template = tongue.ngettext(
        "Taken out: {names} and {n} more line.", "Taken out: {names} and {n} more lines.", more
    )
    return template.format(names=names, n=tongue.number(more))


def _agreed(agreed: int, asked: int, tongue: Tongue) -> list[str]:
    said = []
    if agreed:
        template = tongue.ngettext("You agreed to {n} new price.", "You agreed to {n} new prices.", agreed)
        said.append(template.format(n=tongue.number(agreed)))
    if agreed < asked:
        said.append(tongue.gettext("Some have changed again since; they stand below."))
    return said


def _notes(clashes: Sequence[Mapping[str, Any]], cart: Cart, tongue: Tongue) -> dict[int, str]:
    lines = {line.position: line for line in cart.lines}
    notes = {}
    for clash in clashes:
        line = lines.get(clash["position"])
        if line is not None:
            template = tongue.gettext("Changed in another window: it is {theirs} now, and you typed {mine}.")
            theirs = typeable(line.quantity, tongue) or "–"
            notes[line.position] = template.format(theirs=theirs, mine=clash["quantity"] or "–")
    return notes


def _lost(gone: Sequence[Mapping[str, Any]]) -> str:
    """Lines that were taken out elsewhere while this form was filled in, in the words that add them again."""
    return "\n".join(
        "\t".join(filter(None, (one["code"], one["quantity"], one["need_by"]))) for one in gone if one["code"]
    )
