"""Stacked bars of quantities as SVG: widths are attributes, because a strict policy allows no style in the page."""

from collections.abc import Mapping
from decimal import Decimal

from markupsafe import Markup

from portal.views.order.statuses import PATTERNS, ROLES


def bar(quantities: Mapping[str, Decimal], css: str = "bar") -> Markup:
    """One rect per role in the order of ROLES, a pattern over what is not the buyer's yet, a gap between them."""
    total = sum(quantities.values(), Decimal(0))
    x = Decimal(0)
    rects, gaps = [], []
    for role in ROLES:
        if not (quantity := quantities.get(role)):
            continue
        width = quantity * 100 / total
        place = f'x="{_percent(x)}" ' if x else ""
        rects.append(f'<rect {place}width="{_percent(width)}" class="f-{role}"/>')
        if pattern := PATTERNS.get(role):
            rects.append(f'<rect {place}width="{_percent(width)}" fill="url(#{pattern})"/>')
        if x:
            gaps.append(f'<rect x="{_percent(x)}" width="2" class="gap"/>')
        x += width
    return Markup(f'<svg class="{css}" aria-hidden="true">{"".join(rects)}{"".join(gaps)}</svg>')  # noqa: S704 - figures and our own names only


def swatch(role: str) -> Markup:
    """The small square of the legend."""
    over = f'<rect width="12" height="12" fill="url(#{PATTERNS[role]})"/>' if role in PATTERNS else ""
    return Markup(  # noqa: S704 - our own names only
        f'<svg aria-hidden="true"><rect width="12" height="12" class="f-{role}"/>{over}</svg>'
    )


def _percent(value: Decimal) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"
