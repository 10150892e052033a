"""What is said of credit: why an order waits, or what it was let pass on, in the language of whoever reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.domain import money
from portal.domain.credit import Known, Verdict
from portal.domain.words import N_

# Each fits before "; " and a clause that says what follows from it.
PROBLEMS = {
    "not_asked": N_("The ERP was not asked"),
    "timeout": N_("The ERP did not answer in time"),
    "unreachable": N_("The ERP cannot be reached"),
    "failed": N_("The ERP refused to answer"),
    "unreadable": N_("The ERP's answer cannot be read"),
    "other_account": N_("The ERP answered for another account"),
    "unknown_account": N_("The ERP does not know the account"),
    "implausible": N_("The ERP's figures cannot be right"),
    "too_old": N_("The ERP's figures are too old"),
}


@dataclass(frozen=True, slots=True)
class Tone:
    """A language: its catalogue, and how it writes amounts and instants."""

    gettext: Callable[[str], str]
    money: Callable[[Decimal, str], str]
    moment: Callable[[datetime], str]


ENGLISH = Tone(
    lambda message: message,
    lambda amount, currency: f"{money.text(amount, currency)} {currency}",
    lambda at: f"{at:%d %b %Y at %H:%M} UTC",
)


def sentence(verdict: Verdict, tone: Tone = ENGLISH) -> str:
    """Why the order waits or passes, with the numbers."""
    match verdict.outcome:
        case "on_hold":
            return _stopped(verdict, tone)
        case "over":
            return " ".join(filter(None, [_over(verdict, tone), _rests_on(verdict, tone)]))
        case "unknown":
            return _unknown(verdict, tone)
    return " ".join(filter(None, [_covered(verdict, tone), _rests_on(verdict, tone)]))


def _stopped(verdict: Verdict, tone: Tone) -> str:
    _ = tone.gettext
    if verdict.is_group:
        return _("{account}, whose limit this account draws on, is on credit hold.").format(
            account=verdict.account
        )
    return _("The account is on credit hold.")


def _over(verdict: Verdict, tone: Tone) -> str:
    _ = tone.gettext
    numbers = _numbers(verdict, tone)
    if not verdict.more:
        if verdict.is_group:
            return _("{exposure} open exceed the limit of {limit} of {account}.").format(**numbers)
        return _("{exposure} open exceed the limit of {limit}.").format(**numbers)
    if verdict.is_group:
        return _(
            "This order of {more} and {exposure} already open exceed the limit of {limit} of {account}."
        ).format(**numbers)
    return _("This order of {more} and {exposure} already open exceed the limit of {limit}.").format(
        **numbers
    )


def _covered(verdict: Verdict, tone: Tone) -> str:
    _ = tone.gettext
    if verdict.limit is None:
        return _("No credit limit is set.")
    numbers = _numbers(verdict, tone)
    if verdict.is_group:
        return _("This order leaves {left} of the limit of {limit} of {account}.").format(**numbers)
    return _("This order leaves {left} of the credit limit of {limit}.").format(**numbers)


def _unknown(verdict: Verdict, tone: Tone) -> str:
    _ = tone.gettext
    problem = problem_text(verdict.problem, tone)
    if verdict.as_of is None:
        return _("{problem}; the order waits for its figures.").format(problem=problem)
    return _(
        "{problem}, and what it said on {moment} does not count any more; the order waits for new figures."
    ).format(problem=problem, moment=tone.moment(verdict.as_of))


def _rests_on(verdict: Verdict, tone: Tone) -> str:
    _ = tone.gettext
    if verdict.basis != "last_known" or verdict.as_of is None:
        return ""
    return _(
        "{problem}; this rests on its figures of {moment}, and is looked at again when it answers."
    ).format(problem=problem_text(verdict.problem, tone), moment=tone.moment(verdict.as_of))


def _numbers(verdict: Verdict, tone: Tone) -> dict[str, str]:
    currency = verdict.currency or ""
    limit = verdict.limit or Decimal(0)
    return {
        "account": verdict.account or "",
        "more": tone.money(verdict.more, currency),
        "exposure": tone.money(verdict.exposure, currency),
        "limit": tone.money(limit, currency),
        "left": tone.money(limit - verdict.exposure - verdict.more, currency),
    }


def problem_text(problem: str | None, tone: Tone = ENGLISH) -> str:
    """Why the ERP's figures are not to be had: a clause without its full stop."""
    said = PROBLEMS[problem or "not_asked"]
    return tone.gettext(said)


def state_of(seen: Known, tone: Tone = ENGLISH) -> str | None:
    """What is wrong with what is known of an account's credit now; nothing when all is well."""
    _ = tone.gettext
    if seen.problem is None:
        return None
    problem = problem_text(seen.problem, tone)
    if seen.basis == "last_known" and seen.as_of is not None:
        return _("{problem}; these are its figures of {moment}. Orders are accepted on them for now.").format(
            problem=problem, moment=tone.moment(seen.as_of)
        )
    return _("{problem}; orders wait for its figures.").format(problem=problem)


def document(verdict: Verdict) -> dict[str, object]:
    """As the API and the row of the check tell it."""
    currency = verdict.currency

    def amount(value: Decimal | None) -> str | None:
        return money.text(value, currency) if value is not None and currency else None

    return {
        "outcome": verdict.outcome,
        "basis": verdict.basis,
        "problem": verdict.problem,
        "account": verdict.account,
        "currency": currency,
        "order": amount(verdict.more),
        "exposure": amount(verdict.exposure),
        "limit": amount(verdict.limit),
        "as_of": verdict.as_of.isoformat().replace("+00:00", "Z") if verdict.as_of else None,
        "sentence": sentence(verdict),
    }
