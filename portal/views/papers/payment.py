"""How to pay: the bank as the payer's own forms ask for it, and a code for the banking app where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup
from segno.helpers import make_epc_qr

from portal.domain.invoices import Bank, Document
from portal.filters import Tongue
from portal.views.papers.figures import isolated, money
from portal.views.papers.papers import day_of
from portal.views.papers.voices import Voice

# What the guideline of the European Payments Council (EPC069-12) takes.
LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
LONGEST_NAME = 70


@dataclass(frozen=True, slots=True)
class Payment:
    """`rows` are what is typed into a transfer; without them there is nothing to pay, and `sentence` says why."""

    sentence: Markup
    rows: Sequence[tuple[Markup, Markup]] = ()
    qr: Markup | None = None


def payment(document: Document, voice: Voice) -> Payment:
    if document.kind == "credit_note":
        return Payment(voice.both(lambda tongue: _credited(document, tongue)))
    if document.due <= 0:
        return Payment(voice.both(lambda tongue: tongue.gettext("This invoice is paid: nothing is due.")))
    bank = document.seller.bank
    if bank is None:
        return Payment(voice.both(lambda tongue: _please(document, tongue)))
    code = _epc(document, bank, voice)
    sentence = voice.both(lambda tongue: _please(document, tongue, has_code=code is not None))
    return Payment(sentence, bank_rows(bank, document.currency, document.number, voice), code)


def _please(document: Document, tongue: Tongue, *, has_code: bool = False) -> str:
    _ = tongue.gettext
    due = money(document.due, document.currency, tongue)
    if document.due_on is None or document.due_on <= document.issued_on:
        said = _("Please transfer {amount} at once.").format(amount=due)
    else:
        said = _("Please transfer {amount} by {day}.").format(amount=due, day=day_of(document.due_on, tongue))
    return " ".join((said, _("Or scan the code on page 1."))) if has_code else said


def _credited(document: Document, tongue: Tongue) -> str:
    _ = tongue.gettext
    amount = money(document.total, document.currency, tongue)
    if document.corrects is None:
        return _("We credit {amount} to your account. Nothing is to be paid.").format(amount=amount)
    return _(
        "{amount} is taken off invoice {number}. Nothing is to be paid; what you have paid already is set off "
        "or paid back."
    ).format(amount=amount, number=document.corrects.number)


def bank_rows(bank: Bank, currency: str, reference: str, voice: Voice) -> list[tuple[Markup, Markup]]:
    """What is typed into a transfer."""
    _ = voice
    sort_code, account = _british(bank.iban) if currency == "GBP" else ("", "")
    told = (
        (_("Beneficiary"), bank.holder),
        (_("Bank"), bank.name),
        (_("Sort code"), sort_code),
        (_("Account number"), account),
        (Markup("IBAN"), _in_fours(bank.iban)),
        (Markup("BIC"), bank.bic),
        (_("Reference"), reference),
    )
    return [(name, isolated(value)) for name, value in told if value]


def _british(iban: str) -> tuple[str, str]:
    """Sort code and account number, which is what a British bank asks for; the IBAN has both."""
    plain = iban.replace(" ", "")
    if not plain.startswith("GB") or len(plain) != 22:
        return "", ""
    return "-".join(plain[n : n + 2] for n in (8, 10, 12)), plain[14:]


def _in_fours(iban: str) -> str:
    plain = iban.replace(" ", "")
    return " ".join(plain[n : n + 4] for n in range(0, len(plain), 4))


def _epc(document: Document, bank: Bank, voice: Voice) -> Markup | None:
    """A transfer in euros that a banking app fills in by itself; there is no such standard for other currencies."""
    if document.currency != "EUR" or not LEAST <= document.due <= MOST:
        return None
    code = make_epc_qr(
        name=bank.holder[:LONGEST_NAME],
        iban=bank.iban.replace(" ", ""),
        amount=document.due,
        text=document.number,
        bic=bank.bic,
        encoding=1,
    )
    title = voice.tongue.gettext("QR code of a SEPA transfer of {amount} with the reference {number}").format(
        amount=money(document.due, document.currency, voice.tongue), number=document.number
    )
    drawn = code.svg_inline(border=0, omitsize=True, dark="#000", title=title, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - segno draws shapes and escapes the title


def due_sentence(document: Document, tongue: Tongue, day: date) -> str:
    """`by Mon 18 Jan 2027, 60 days net`."""
    by = tongue.gettext("by {day}").format(day=day_of(day, tongue))
    days = document.payment_terms_days
    if not days:
        return by
    return f"{by}, " + tongue.ngettext("{n} day net", "{n} days net", days).format(n=days)
