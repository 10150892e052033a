"""What a unit of work is told of the world around it before it begins: operations ask nobody themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.domain.credit import Heard
from portal.operations.drafting import Supplier


@dataclass(frozen=True, slots=True)
class Outside:
    """`heard` is what the ERP answered a moment ago, by account; an account that is not in it was not asked for."""

    supplier: Supplier
    heard: Mapping[str, Heard] = field(default_factory=dict)
