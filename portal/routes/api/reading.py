"""Bodies are read strictly: "1" is no line number, 1.0 is no quantity, and what nests beyond reason is refused."""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

from portal.domain.refusals import Malformed


class StrictRequest(Request[Any, Any, Any]):
    """Litestar reads JSON first and then bends it into shape; here it has the shape or is an error."""

    async def json(self) -> Any:
        """The body as its handler declares it."""
        declared = self.route_handler.parsed_data_field
        if declared is None:
            return await super().json()
        try:
            return _decoder(declared.annotation).decode(await self.body())
        except msgspec.ValidationError as wrong:
            raise ValidationException(extra=[{"message": str(wrong), "key": "data"}]) from wrong
        except RecursionError as wrong:
            raise Malformed("The body is nested too deeply.") from wrong


@lru_cache(maxsize=256)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)
