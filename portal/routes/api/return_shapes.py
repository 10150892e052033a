"""What the API tells about returns, made from what was read."""

from portal.db.return_list import ReturnRow
from portal.domain.quantities import text
from portal.domain.returns import Return
from portal.filters import Tongue
from portal.routes.api.shapes import Json, instant, maybe
from portal.views.papers.return_labels import label_text


def row(value: ReturnRow) -> Json:
    """The return as `GET /returns` lists it."""
    return {
        "number": value.number,
        "state": value.state,
        "account": value.account,
        "order": value.order,
        "purchase_order_number": value.purchase_order_number,
        "shipment": value.shipment,
        "location": value.location,
        "carrier": value.carrier,
        "asked_at": instant(value.asked_at),
        "decided_at": instant(value.decided_at),
        "closed_at": instant(value.closed_at),
        "lines": value.lines,
        "credit_notes": list(value.credit_notes),
    }


def document(value: Return, supplier: str, tongue: Tongue) -> Json:
    """The return as `GET /returns/{number}` answers it."""
    return {
        "number": value.number,
        "state": value.state,
        "version": value.version,
        "account": value.account,
        "order": value.order,
        "purchase_order_number": value.purchase_order_number,
        "shipment": value.shipment,
        "location": value.location,
        "mode": value.mode,
        "carrier": value.carrier,
        "packages": [
            {
                "tracking_number": package.tracking_number,
                "tracking_url": package.tracking_url,
                "weight_kg": maybe(package.weight_kg),
            }
            for package in value.packages
        ],
        "asked_by": value.asked_by,
        "asked_at": instant(value.asked_at),
        "note": value.note,
        "decided_by": value.decided_by,
        "decided_at": instant(value.decided_at),
        "decision_note": value.decision_note,
        "closed_at": instant(value.closed_at),
        "origin": value.origin,
        "external_id": value.external_id,
        "lines": [
            {
                "line": line.line,
                "sku": line.sku,
                "name": line.name,
                "unit": line.unit,
                "quantity": text(line.quantity),
                "received": text(line.received),
                "outstanding": text(line.outstanding),
                "closed": line.closed,
                "reason": line.reason,
                "note": line.note,
            }
            for line in value.lines
        ],
        "receipts": [
            {
                "line": one.line,
                "quantity": text(one.quantity),
                "to": one.went_to,
                "received_by": one.received_by,
                "at": instant(one.at),
            }
            for one in value.receipts
        ],
        "pictures": [
            {
                "id": one.id,
                "line": one.line,
                "media_type": one.media_type,
                "width": one.width,
                "height": one.height,
                "added_by": one.added_by,
                "at": instant(one.at),
                "href": f"/api/v1/returns/{value.number}/pictures/{one.id}",
            }
            for one in value.pictures
        ],
        "credit_notes": list(value.credit_notes),
        "label": _label(value, supplier, tongue),
    }


def _label(value: Return, supplier: str, tongue: Tongue) -> Json | None:
    """What to write on the parcel, for whoever prints it with another system."""
    if value.state not in ("authorised", "closed"):
        return None
    to, sender = label_text(value, supplier, tongue)
    return {"to": to, "from": sender, "code": value.number}
