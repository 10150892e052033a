"""What becomes of a row of the wholesale data, and why one is left out. Nothing here guesses, reads or writes.

A row is taken when it says all of this: a number of an order, a customer, a product, its name, how many, and for how
much. What is wrong with it otherwise is said in full; the first thing counts in the summary.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

FIELDS = 8
# More than a million pieces, or a million for one, is a slip of the finger: it would not fit the books either.
MOST_DIGITS = 6

ORDER = re.compile(r"[0-9]{6}")
CANCELLATION = re.compile(r"C[0-9]{6}")
CUSTOMER = re.compile(r"([0-9]{5})(?:\.0+)?")
PRODUCT = re.compile(r"[0-9]{5}[A-Z]{0,3}|DCGS[0-9A-Z]{2,8}|PADS")
WHOLE = re.compile(r"(-?)0*([0-9]+)(?:\.0+)?")
PRICE = re.compile(r"(-?)0*([0-9]+)(?:\.([0-9]{1,6})0*)?")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
# The trade writes product names in capitals: a clerk's remark has no such word.
CAPITALS = re.compile(r"[A-Z]{2,}")

# Codes that stand for charges and corrections.
CHARGES = {
    "POST": "postage",
    "DOT": "postage of the web shop",
    "C2": "carriage",
    "C3": "carriage",
    "M": "an entry by hand",
    "D": "a discount",
    "S": "samples",
    "B": "a bad debt",
    "BANK CHARGES": "bank charges",
    "AMAZONFEE": "fees of a marketplace",
    "CRUK": "a commission",
    "ADJUST": "a correction",
}

# Every reason, as the summary names it.
REASONS = {
    "unreadable": "not a row of this data",
    "no_order": "not the number of an order",
    "no_customer": "no customer",
    "no_product": "the code is no product",
    "no_name": "no name of a product",
    "no_quantity": "no quantity that can be ordered",
    "no_price": "no price",
    "two_customers": "another customer than the order's",
    "other_content": "the order is here already, with other content",
    "cancels_nothing": "cancellation without its order",
    "cancels_several": "cancellation that fits several orders",
    "cancels_more": "cancellation of more than is left",
}


class Line(NamedTuple):
    """A row that can be taken over, as text that the database reads. `cancels`: its quantity is taken back."""

    cancels: bool
    invoice: str
    sku: str
    name: str
    quantity: str
    unit_price: str
    at: str
    account: str
    country: str


class LeftOut(NamedTuple):
    """Why a row is left out: a reason of `REASONS`, and the sentences that explain it."""

    reason: str
    explanation: str


def decide(fields: Sequence[str], now: str) -> Line | LeftOut:
    """What becomes of a row. `now` is written as the file writes its times, and by the same clock on the wall."""
    if len(fields) != FIELDS:
        return LeftOut("unreadable", f"It has {len(fields)} fields, not {FIELDS}.")
    if any("\x00" in field for field in fields):
        return LeftOut("unreadable", "It holds a zero byte.")
    invoice, code, description, quantity, at, price, customer, country = [" ".join(f.split()) for f in fields]
    code = code.upper()
    cancels = CANCELLATION.fullmatch(invoice) is not None
    number = CUSTOMER.fullmatch(customer)
    amount = PRICE.fullmatch(price)
    count = WHOLE.fullmatch(quantity)
    if (
        (cancels or ORDER.fullmatch(invoice))
        and number
        and PRODUCT.fullmatch(code)
        and CAPITALS.search(description)
        and "?" not in description
        and count
        and (count[1] == "-") == cancels
        and 0 < len(count[2]) <= MOST_DIGITS
        and count[2] != "0"
        and amount
        and not amount[1]
        and len(amount[2]) <= MOST_DIGITS
        and (amount[2] != "0" or (amount[3] or "").strip("0"))
        and is_instant(at)
        and at <= now
        and country
    ):
        return Line(cancels, invoice, code, description, count[2], price, at, f"C{number[1]}", country)
    found = [
        *_of_the_order(invoice, at, customer, country, now),
        *_of_the_product(code, description),
        *_of_the_quantity(quantity, invoice),
        *_of_the_price(price),
    ]
    # All that is the matter, the first thing first.
    return LeftOut(found[0][0], " ".join(sentence for _, sentence in found))


def is_instant(text: str) -> bool:
    """Whether it is a day and a time that exist."""
    if not INSTANT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _of_the_order(invoice: str, at: str, customer: str, country: str, now: str) -> list[tuple[str, str]]:
    found = []
    if not ORDER.fullmatch(invoice) and not CANCELLATION.fullmatch(invoice):
        found.append(("no_order", f"{invoice!r} is not the number of an order or of a cancellation."))
    if not is_instant(at):
        found.append(("unreadable", f"{at!r} is no day and time."))
    elif at > now:
        found.append(("unreadable", f"{at} is yet to come."))
    if not customer:
        found.append(("no_customer", "It does not say whose order it is."))
    elif not CUSTOMER.fullmatch(customer):
        found.append(("no_customer", f"{customer!r} is not the number of a customer."))
    if not country:
        found.append(("unreadable", "It does not say to which country it goes."))
    return found


def _of_the_product(code: str, description: str) -> list[tuple[str, str]]:
    found = []
    if not PRODUCT.fullmatch(code):
        meaning = "a voucher" if code.startswith("GIFT") else CHARGES.get(code)
        told = (
            f"{code!r} stands for {meaning}, not for goods."
            if meaning
            else f"{code!r} is not the code of a product."
        )
        found.append(("no_product", told))
    if not description:
        found.append(("no_name", "It has no description."))
    elif not CAPITALS.search(description) or "?" in description:
        found.append(("no_name", f"{description!r} is a remark or a service, not the name of a product."))
    return found


def _of_the_quantity(quantity: str, invoice: str) -> list[tuple[str, str]]:
    count = WHOLE.fullmatch(quantity)
    if count is None:
        return [("no_quantity", f"{quantity!r} is no whole number of pieces.")]
    if len(count[2]) > MOST_DIGITS:
        return [("no_quantity", f"{quantity} is more than anybody orders.")]
    if count[2] == "0":
        return [("no_quantity", "Nothing is ordered.")]
    if invoice.startswith("C") and not count[1]:
        return [("no_quantity", f"It cancels, but {quantity} is not negative.")]
    if not invoice.startswith("C") and count[1]:
        return [("no_quantity", f"{quantity} is negative, and it is no cancellation.")]
    return []


def _of_the_price(price: str) -> list[tuple[str, str]]:
    amount = PRICE.fullmatch(price)
    if amount is None:
        return [("no_price", f"{price!r} is no price.")]
    if amount[1]:
        return [("no_price", f"The price {price} is negative.")]
    if len(amount[2]) > MOST_DIGITS:
        return [("no_price", f"{price} is more than anything costs.")]
    if amount[2] == "0" and not (amount[3] or "").strip("0"):
        return [("no_price", "The price is 0.")]
    return []
