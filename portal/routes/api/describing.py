"""The contract's document, completed by what the framework cannot see: exact bodies, every answer, every refusal."""

from typing import Any

import msgspec

from portal.routes.api import (
    approval_bodies,
    bodies,
    dispute_bodies,
    invoice_bodies,
    master_bodies,
    return_bodies,
    webhook_bodies,
)
from portal.routes.api.answered import ANSWERS, Parked
from portal.routes.api.invoice_bodies import BeingMade
from portal.routes.api.problems import MEDIA_TYPE, TITLES, ProblemDocument

Json = dict[str, Any]
PREFIX = "/api/v1"
JSON = "application/json"

# What is asked for again and again.
READ_AGAIN = ("/orders/{number}", "/shipments/{number}", "/invoices/{number}")
BODIES = [
    shape
    for module in (
        bodies,
        master_bodies,
        approval_bodies,
        dispute_bodies,
        invoice_bodies,
        return_bodies,
        webhook_bodies,
    )
    for shape in vars(module).values()
    if isinstance(shape, type) and issubclass(shape, bodies.Body) and shape is not bodies.Body
]
SHAPES = [*BODIES, *ANSWERS.values(), BeingMade, Parked, ProblemDocument]

EVERY_REFUSAL = (400, 401, 403, 404, 429, 503)
REFUSED_WRITES = (409, 413, 422)
# Beside the first: the same again, not known yet, not changed.
OTHER_ANSWERS: dict[tuple[str, str], dict[str, str]] = {
    ("post", "/orders"): {"200": "The same origin and external id were placed before: the first order"},
    ("post", "/orders/{number}/shipments"): {
        "200": "The same origin and external id were reported before: the first shipment"
    },
    ("post", "/returns"): {"200": "The same origin and external id were announced before: the first return"},
    **{
        ("post", f"/invoices/{{number}}/{noun}"): {
            "200": "The same origin and external id were told before: the first of them"
        }
        for noun in ("payments", "refunds", "transfers")
    },
    ("post", "/shipments/{number}/events"): {
        "202": "The shipment is not known yet: the message is kept and applied when it is"
    },
    ("post", "/inbound/{kind}/{reference}/receipts"): {
        "202": "The document is not known yet: the receipt is kept and booked when it is"
    },
}
PARAMETERS: dict[str, Json] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key and payload within 72 hours: the same answer, and one effect.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The order's version; the change is refused when it is another by now.",
        "schema": {"type": "string", "examples": ['"7"']},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The version that is known already.",
        "schema": {"type": "string", "examples": ['"7"']},
    },
}


def complete(document: Json) -> Json:
    """The framework's document with bodies as they are decoded, and all that may be answered."""
    components = document["components"]
    components["schemas"] = _schemas()
    components["parameters"] = PARAMETERS
    components["responses"] = {_name(status): _refusal(status) for status in TITLES}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(path.removeprefix(PREFIX), method, operation)
    _add_files(document["paths"])
    return document


FILES = {
    "pdf": ("application/pdf", "The paper: Factur-X, a PDF/A-3 with the EN 16931 XML inside"),
    "xml": ("application/xml", "The XML that is inside the PDF: EN 16931 in CII"),
    "ubl": ("application/xml", "The same as UBL: Peppol BIS Billing 3.0"),
}


def _add_files(paths: Json) -> None:
    """An invoice's files, which the framework takes for invoices of a longer number."""
    invoice = paths[f"{PREFIX}/invoices/{{number}}"]["get"]
    for ending, (media_type, words) in FILES.items():
        answers = {status: answer for status, answer in invoice["responses"].items() if status >= "400"}
        answers["200"] = {"description": words, "content": {media_type: {"schema": {"type": "string"}}}}
        answers["202"] = {
            "description": "It is being made: come again after `Retry-After`",
            "headers": {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds"}},
            "content": _json(BeingMade.__name__),
        }
        answers["304"] = invoice["responses"]["304"]
        paths[f"{PREFIX}/invoices/{{number}}.{ending}"] = {
            "get": invoice
            | {
                "operationId": f"{invoice['operationId']}As{ending.title()}",
                "summary": words.partition(":")[0],
                "description": f"{words}. Made once after issue; the same bytes for ever.",
                "responses": answers,
            }
        }


def _schemas() -> Json:
    _, schemas = msgspec.json.schema_components(SHAPES, ref_template="#/components/schemas/{name}")
    for schema in schemas.values():
        # Answers may grow; what is sent may not hold what nobody reads.
        if not schema["title"].startswith(("Post", "Put", "Patch")):
            schema.pop("additionalProperties", None)
    return schemas


def _complete(path: str, method: str, operation: Json) -> None:
    operation["summary"], _, operation["description"] = operation["description"].partition(". ")
    operation["summary"] = operation["summary"].rstrip(".")
    operation["responses"] = {
        status: answer for status, answer in operation["responses"].items() if status != "400"
    }
    if not operation.get("security"):
        _complete_public(path, operation)
        return
    answers: Json = operation["responses"]
    [first] = answers.values()
    if (method, path) in ANSWERS:
        first["content"] = _json(ANSWERS[method, path].__name__)
    if method == "put":
        answers["200"] = {**first, "description": "Replaced"}
        answers["201"] = {**first, "description": "Created"}
    for status, words in OTHER_ANSWERS.get((method, path), {}).items():
        answers[status] = {**first, "description": words}
    if "202" in answers:
        answers["202"]["content"] = _json(Parked.__name__)
    under_order = path.startswith("/orders/{number}/")
    refusals = [*EVERY_REFUSAL, *(REFUSED_WRITES if method != "get" else ())]
    refusals += [412] if method == "post" and under_order else []
    for status in sorted(refusals):
        answers[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    _add_parameters(path, method, operation)
    _correct_body(operation)


def _complete_public(path: str, operation: Json) -> None:
    if path == "/readyz":
        operation["responses"]["503"] = {
            **operation["responses"]["200"],
            "description": "Something it needs does not answer; which, is said",
        }
    if path == "/metrics":
        operation["responses"]["404"] = {"$ref": f"#/components/responses/{_name(404)}"}


def _add_parameters(path: str, method: str, operation: Json) -> None:
    added = []
    if method == "post":
        added.append("IdempotencyKey")
        if path.startswith("/orders/{number}/"):
            added.append("IfMatch")
    if method == "get" and path in READ_AGAIN:
        added.append("IfNoneMatch")
        operation["responses"]["304"] = {"description": "It is still the version that is known"}
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "kind":
            parameter["schema"] = {
                "type": "string",
                "enum": ["purchase_order", "transfer", "production", "inspection"],
            }
    if added:
        references = [{"$ref": f"#/components/parameters/{name}"} for name in added]
        operation["parameters"] = [*operation.get("parameters", ()), *references]


def _correct_body(operation: Json) -> None:
    """A body that may be left out is told as such."""
    body = operation.get("requestBody")
    if body is None:
        return
    schema = body["content"][JSON]["schema"]
    for choice in schema.get("oneOf", ()):
        if "$ref" in choice:
            body["content"][JSON]["schema"] = choice
            body["required"] = False


def _json(shape: str) -> Json:
    return _content(JSON, shape)


def _content(media_type: str, shape: str) -> Json:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{shape}"}}}


def _name(status: int) -> str:
    return f"Refused{status}"


def _refusal(status: int) -> Json:
    answer: Json = {
        "description": TITLES[status],
        "content": _content(MEDIA_TYPE, ProblemDocument.__name__),
    }
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds"}}
    return answer
