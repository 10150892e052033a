"""Bodies are read strictly: "1" is no line number, 1.0 is no quantity, and what nests beyond reason is refused."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

from portal.domain.refusals import Malformed, Problem, refuse_any
from portal.routes.api.bodies import Instant

# Calendars are counted within these years. Where a date only opens or ends a validity, any may stand.
YEARS = range(1970, 2200)
OPEN_ENDED = frozenset({"valid_from", "valid_to"})


class StrictRequest(Request[Any, Any, Any]):
    """Litestar reads JSON first and then bends it into shape; here it has the shape or is an error."""

    async def json(self) -> Any:
        """The body as its handler declares it."""
        declared = self.route_handler.parsed_data_field
        if declared is None:
            return await super().json()
        try:
            body = _decoder(declared.annotation).decode(await self.body())
        except msgspec.ValidationError as wrong:
            raise ValidationException(extra=[{"message": str(wrong), "key": "data"}]) from wrong
        except RecursionError as wrong:
            raise Malformed("The body is nested too deeply.") from wrong
        refuse_any(list(_beyond(body, "")))
        return body


def instant(raw: str, name: str) -> datetime:
    """A moment in a query parameter, as strictly as in a body."""
    try:
        read: datetime = msgspec.convert(raw, Instant)
    except msgspec.ValidationError as wrong:
        raise ValidationException(extra=[{"message": str(wrong), "key": name}]) from wrong
    refuse_any(list(_beyond(read, f"/{name}")))
    return read


def _beyond(value: Any, pointer: str) -> Iterator[Problem]:
    """Dates on which nobody ships anything: no calendar reaches there."""
    match value:
        case date() if value.year not in YEARS:
            yield Problem(pointer, f"the year is not from {YEARS[0]} to {YEARS[-1]}")
        case msgspec.Struct():
            for name in value.__struct_fields__:
                if name not in OPEN_ENDED:
                    yield from _beyond(getattr(value, name), f"{pointer}/{name}")
        case list():
            for index, item in enumerate(value):
                yield from _beyond(item, f"{pointer}/{index}")


@lru_cache(maxsize=256)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)
