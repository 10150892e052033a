"""The page of an account's policy: its rules to look at or to edit, those above it, people's limits, and the box in
which an order is tried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.policy_pages import Place
from portal.domain.asking import Crowd, Member
from portal.domain.chains import Policy
from portal.domain.policies import ROLES
from portal.filters import Tongue
from portal.views.settings.policy_draft import Draft
from portal.views.settings.policy_people import Person, people
from portal.views.settings.policy_words import Said, role, rule_in_words, timing_in_words

# Who may be asked to try an order out as.
ORDER = frozenset({"buyer", "account_admin"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be ticked or chosen: what it is called in the form, in words, and what stands beside it."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Above:
    """The policy of an account above: its rules apply here, too."""

    account: str
    name: str
    href: str
    rules: Sequence[Said]
    timing: Sequence[str]
    forbids_own: bool


@dataclass(frozen=True, slots=True)
class Page:
    account: Place
    accounts: Sequence[tuple[str, str]]
    draft: Draft
    rules: Sequence[Said]
    timing: Sequence[str]
    own_allowed: bool
    changed: str
    above: Sequence[Above]
    people: Sequence[Person]
    roles: Sequence[Choice]
    askable: Sequence[Choice]
    categories: Sequence[str]
    ship_tos: Sequence[Choice]
    cost_centres: Sequence[str]
    requesters: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked up for the page, once."""

    account: Place
    accounts: Sequence[tuple[str, str]]
    policies: Sequence[Policy]
    members: Sequence[Member]
    categories: Sequence[str]
    ship_tos: Sequence[tuple[str, str]]
    cost_centres: Sequence[str]

    @property
    def own(self) -> Policy | None:
        return next((one for one in self.policies if one.account == self.account.number), None)

    @property
    def crowd(self) -> Crowd:
        return self.crowd_at(self.account.number)

    def crowd_at(self, account: str) -> Crowd:
        """Everybody whom a policy of that account would ask for its own orders."""
        path = self.account.path[: list(self.account.path).index(account) + 1]
        return Crowd(tuple(reversed(path)), [one for one in self.members if one.account in path])


def page(
    known: Known, draft: Draft, shown: Policy | None, tongue: Tongue, today: date, sees: Sequence[str]
) -> Page:
    """`shown` is the policy in words: as it stands, or as it was typed; `sees` are the accounts of the reader."""
    own, names, crowd = known.own, known.account.names, known.crowd
    return Page(
        account=known.account,
        accounts=known.accounts,
        draft=draft,
        rules=[rule_in_words(rule, crowd, names, tongue) for rule in shown.rules] if shown else [],
        timing=timing_in_words(shown, tongue) if shown else [],
        own_allowed=bool(shown and shown.self_approval),
        changed=_changed(own, tongue, today),
        above=[
            _above(known, one, tongue, sees) for one in known.policies if one.account != known.account.number
        ],
        people=people(known.members, names, tongue),
        roles=[_role(name, known, tongue) for name in ROLES],
        askable=_askable(known, draft, tongue),
        categories=_with_typed(known.categories, [word for rule in draft.rules for word in rule.category]),
        ship_tos=_ship_tos(known, draft),
        cost_centres=known.cost_centres,
        requesters=_requesters(known),
    )


def _changed(own: Policy | None, tongue: Tongue, today: date) -> str:
    if own is None or own.changed_at is None:
        return ""
    return tongue.gettext("Changed {moment} by {who}").format(
        moment=tongue.stamp(own.changed_at, today), who=own.changed_by or ""
    )


def _above(known: Known, policy: Policy, tongue: Tongue, sees: Sequence[str]) -> Above:
    names, crowd = known.account.names, known.crowd
    return Above(
        account=policy.account,
        name=names.get(policy.account, policy.account),
        href=f"/settings/approvals?account={policy.account}" if policy.account in sees else "",
        rules=[rule_in_words(rule, crowd, names, tongue) for rule in policy.rules],
        timing=timing_in_words(policy, tongue),
        forbids_own=not policy.self_approval,
    )


def _role(name: str, known: Known, tongue: Tongue) -> Choice:
    _ = tongue.gettext
    members = known.crowd.nearest([name])
    account = members[0].account if members else ""
    label = _("the {role}") if name != "finance" else role(name, tongue)
    people = ", ".join(one.name for one in members)
    hint = people or _("nobody has this role yet")
    if account and account != known.account.number:
        hint = _("{people}, of {account}").format(
            people=people, account=known.account.names.get(account, account)
        )
    return Choice(name, label.format(role=role(name, tongue)), hint)


def _askable(known: Known, draft: Draft, tongue: Tongue) -> list[Choice]:
    """Everybody with a role that decides; whoever is named in the draft stays, so that they can be unticked."""
    _ = tongue.gettext
    found: dict[str, Choice] = {}
    for one in known.members:
        if one.decides:
            account = known.account.names.get(one.account, one.account)
            found.setdefault(one.email, Choice(one.email, one.name, account))
    for rule in draft.rules:
        for email in (email for step in rule.steps for email in step.people):
            found.setdefault(email, Choice(email, email, _("may not decide here")))
    return list(found.values())


def _ship_tos(known: Known, draft: Draft) -> list[Choice]:
    typed = [code for rule in draft.rules for code in rule.ship_to]
    listed = dict(known.ship_tos)
    return [Choice(code, code, listed.get(code, "")) for code in _with_typed([*listed], typed)]


def _requesters(known: Known) -> list[Choice]:
    found: dict[str, Choice] = {}
    for one in known.members:
        if one.roles & ORDER:
            found.setdefault(str(one.person_id), Choice(str(one.person_id), one.name))
    return list(found.values())


def _with_typed(known: Sequence[str], typed: Sequence[str]) -> list[str]:
    return [*known, *(word for word in dict.fromkeys(typed) if word not in known)]
