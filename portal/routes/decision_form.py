"""A decision as it was typed: read into what the operation takes, or sent back with what is wrong beside the field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.domain.quantities import NotAQuantity, parse
from portal.domain.requests import Request
from portal.filters import Tongue
from portal.operations.deciding import Condition, Decision

DOES = ("approve", "reject", "reject_lines", "ask")
LONGEST_COMMENT = 2000
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Typed:
    """`version` is the request's that was looked at; `sure` is said on the second page."""

    do: str = ""
    comment: str = ""
    total: str = ""
    until: str = ""
    lines: tuple[int, ...] = ()
    version: int = 0
    form: str = ""
    sure: bool = False

    @classmethod
    def read(cls, form: Any) -> "Typed":
        do = str(form.get("do", ""))
        is_plain = do in ("approve", "reject")
        return cls(
            do=do if do in DOES else "",
            comment=comment_of(form),
            total=_short(form, "total") if do == "approve" else "",
            until=_short(form, "until") if do == "approve" else "",
            lines=() if is_plain else tuple(sorted({*map(_number, form.getall("line", []))} - {0})),
            version=_number(form.get("version", "")),
            form=_short(form, "form"),
            sure=form.get("sure") == "1",
        )


@dataclass(slots=True)
class Reading:
    """`errors` are sentences by the name of the field that they stand beside."""

    typed: Typed
    tongue: Tongue
    today: date
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, request: Request, through: str = "page") -> Decision | None:
        """None when something is missing or cannot be read."""
        _ = self.tongue.gettext
        typed = self.typed
        if typed.do != "approve" and not typed.comment:
            self.errors["comment"] = {
                "ask": _("Write what you want to know."),
                "reject": _("Say why: the requester reads it."),
            }.get(typed.do, _("Say why these lines are taken out: the requester reads it."))
        if typed.do == "reject_lines" and not typed.lines:
            self.errors["lines"] = _("Tick the lines that are to be taken out.")
        condition = self._condition(request)
        if not typed.do:
            self.errors["form"] = _("Choose what to decide.")
        if self.errors:
            return None
        return Decision(
            what="reject" if typed.do == "reject_lines" else typed.do,
            comment=typed.comment or None,
            lines=list(typed.lines) or None,
            condition=condition,
            version=typed.version,
            through=through,
        )

    def _condition(self, request: Request) -> Condition | None:
        _ = self.tongue.gettext
        total = until = None
        if self.typed.total:
            try:
                total = parse(self.typed.total)
            except NotAQuantity:
                self.errors["total"] = _("Write an amount in digits, such as 80000 or 80000.00.")
            else:
                if total < request.total:
                    self.errors["total"] = _("It comes to {total} already.").format(
                        total=self.tongue.money(request.total, request.currency)
                    )
        if self.typed.until:
            try:
                until = date.fromisoformat(self.typed.until)
            except ValueError:
                self.errors["until"] = _("Choose a day.")
            else:
                if until < self.today:
                    self.errors["until"] = _("This day has passed.")
        return Condition(total, until) if total is not None or until else None


def comment_of(form: Mapping[str, Any]) -> str:
    """As it was typed, lines kept."""
    raw = str(form.get("comment", "")).replace("\r\n", "\n").replace("\x00", "")
    return raw.strip()[:LONGEST_COMMENT]


def ticked(rows: Sequence[object]) -> dict[str, int]:
    """Requests that were ticked in a list, each in the version that was shown there."""
    found: dict[str, int] = {}
    for row in rows:
        number, _, version = str(row).partition(":")
        if number and len(number) <= LONGEST and _number(version):
            found[number.replace("\x00", "")] = _number(version)
    return found


def _short(form: Mapping[str, Any], name: str) -> str:
    return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:LONGEST]


def _number(raw: object) -> int:
    text = str(raw)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
