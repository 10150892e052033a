"""Refusals in the reader's language. Operations say them in English, as the API answers."""

import re
from functools import lru_cache

from portal.domain.words import N_
from portal.filters import Tongue

# As operations say them; what stands in braces is theirs to fill in, and stays as it is.
SAID = (
    N_("{email} is shut out of the portal. Let them in again first."),
    N_("{email} belongs to another company here. Ask us to make them one of yours, too."),
    N_("{email} has come already."),
    N_("{email} is known already."),
    N_("{email} is one of them already."),
    N_("{email} comes in by another company's own sign-in: they cannot belong to this one."),
    N_("{email} belongs to the other side: a person is the supplier's or a buyer's, not both."),
    N_("Somebody else has to shut you out."),
    N_("Nobody else administers {account}: name somebody first."),
    N_("Nobody else is an admin: name somebody first."),
    N_("Somebody else has just changed where they belong: look again."),
    N_("They belong to other accounts too, which you do not administer: take them out of yours instead."),
    N_("The role {role} allows more than you may yourself: you cannot give or take it."),
    N_("They hold no second factor."),
    N_("Your own factors are removed on your own page."),
    N_("Nobody holds more than {most} passkeys. Remove one first."),
    N_("This passkey is known already."),
    N_("Codes stand in for a passkey or an app. Set up one of them first."),
    N_("Your company signs you in: a password opens nothing."),
    N_("The account has named other domains meanwhile. Look at them again."),
    N_("{domains} is in use by somebody else here."),
    N_("{domains} is in use by somebody else here. Ask us where you think that it is yours."),
    N_("{domain} is in use by somebody else here"),
    N_("Its people can sign in by other ways already."),
    N_("Try it out first: nobody has got through to your provider with these settings."),
    N_("None of your mail domains is confirmed yet. We have been asked to, and tell you."),
    N_("Switch it on first, so that somebody can come in by it."),
    N_("this is no issuer: it is an address without a question mark"),
    N_("name the client as your provider calls it"),
    N_("at most {most} words, with blanks between them"),
    N_("name 1 to {most} mail domains"),
    N_("{domain} is no mail domain, such as example.com."),
    N_("Anybody can have an address of {domain}: it belongs to no company."),
    N_("this is too long to be a claim"),
    N_("say what the values of the claim mean here, or nobody is let in"),
    N_("whoever comes for the first time needs a role"),
    N_("at most {most} values"),
    N_("there is no role {role}: {roles}"),
    N_("{account} is not this account, and not below it"),
)  # fmt: skip
# So much of a refusal is looked at: what is longer is told as it is.
LONGEST = 2_000


def refusal_words(detail: str, tongue: Tongue) -> str:
    """`detail` in the reader's language; as it is where none of these says it."""
    if len(detail) > LONGEST:
        return detail
    for said, pattern in _patterns():
        if found := pattern.fullmatch(detail):
            return tongue.gettext(said).format(**found.groupdict())
    return tongue.gettext(detail) if detail else ""


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(said, re.compile(_of(said), re.DOTALL)) for said in SAID]


def _of(said: str) -> str:
    """`{email} is known already.` as an expression."""
    parts = re.split(r"\{(\w+)\}", said)
    return "".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
