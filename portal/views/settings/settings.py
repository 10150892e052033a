"""The parts of the settings, each with how it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.access import Viewer
from portal.domain.chains import Policy
from portal.filters import Tongue
from portal.views.settings.delegations import Row, truth
from portal.views.settings.roles import role_word


@dataclass(frozen=True, slots=True)
class Card:
    href: str
    icon: str
    title: str
    text: str
    stands: str


def cards(
    viewer: Viewer, policies: Sequence[Policy], own: Sequence[Row], to_me: Sequence[Row], tongue: Tongue
) -> list[Card]:
    """What this reader can look at."""
    _ = tongue.gettext
    found = [
        Card(
            "/settings/notifications",
            "bell",
            _("Notifications"),
            _("Your language, and whether mail reaches you.")
            if viewer.is_supplier
            else _("What you hear of by mail, how and when; your language, and whether mail reaches you."),
            "",
        )
    ]
    found.append(
        Card(
            "/settings/security",
            "key",
            _("How you sign in"),
            _("Your password, passkeys, an authenticator app, and codes for when you lose them."),
            "",
        )
    )
    found.append(
        Card(
            "/settings/sessions",
            "screen",
            _("Sessions"),
            _("Where you are signed in, with which devices; end one, or all others."),
            "",
        )
    )
    if viewer.is_supplier:
        return [*found, *_people(viewer, tongue)]
    found.append(
        Card(
            "/settings/calendar",
            "arrivals",
            _("Calendar"),
            _("Your arrivals in your own calendar, which follows when a date moves."),
            "",
        )
    )
    if viewer.may("approvals:read"):
        count = sum(len(policy.rules) for policy in policies)
        rules = tongue.ngettext("{n} rule applies.", "{n} rules apply.", count).format(n=tongue.number(count))
        found.append(
            Card(
                "/settings/approvals",
                "approvals",
                _("Approval policy"),
                _("Which orders somebody must agree to, and who; try an order out."),
                rules if count else _("No rules: every order is placed at once."),
            )
        )
        standing = [row for row in to_me if row.state == "standing"]
        stands = truth(own, tongue, decides=viewer.may("approvals:decide"))
        if standing:
            names = ", ".join(dict.fromkeys(row.who for row in standing))
            also = _("You may decide for {names}.").format(names=names)
            stands = f"{stands} {also}"
        found.append(
            Card(
                "/settings/delegation",
                "returned",
                _("Delegation"),
                _("Who decides for you while you are away."),
                stands,
            )
        )
    if viewer.may("addresses:write"):
        found.append(
            Card(
                "/settings/delivery",
                "shipped",
                _("Delivery"),
                _("How each of your places wants its goods, and what drivers need to know."),
                "",
            )
        )
    found += _people(viewer, tongue)
    found += _systems(viewer, tongue)
    if viewer.may("audit:read"):
        found.append(
            Card(
                "/audit",
                "file",
                _("Audit log"),
                _("Who decided what, and on what; to check, to search, and to keep."),
                "",
            )
        )
    return found


def _people(viewer: Viewer, tongue: Tongue) -> list[Card]:
    """Who may do what."""
    _ = tongue.gettext
    found = []
    if viewer.may("people:write") and not viewer.is_supplier:
        text = _("Who belongs to your accounts, what each may do, and how they sign in; invite somebody.")
        found.append(Card("/settings/people", "accounts", _("People"), text, ""))
    if viewer.may("sign_in:write"):
        text = _("How your people sign in: by your company's own identity provider, with a second factor.")
        found.append(Card("/settings/sign-in", "key", _("Company sign-in"), text, ""))
    if viewer.may("staff:write"):
        text = _("Who of us may do what, and how they sign in; invite somebody.")
        found.append(Card("/settings/staff", "accounts", _("Our people"), text, ""))
    own = ", ".join(role_word(role, tongue) for role in viewer.roles)
    stands = _("You are: {roles}.").format(roles=own) if own else ""
    found.append(Card("/settings/roles", "key", _("Roles"), _("What each role may do."), stands))
    return found


def _systems(viewer: Viewer, tongue: Tongue) -> list[Card]:
    """What an administrator arranges for the account's own systems."""
    _ = tongue.gettext
    found = []
    if viewer.may("webhooks:write"):
        text = _(
            "Systems of yours that are told what happens, as it happens; what each was told and answered."
        )
        found.append(Card("/settings/webhooks", "connections", _("Webhooks"), text, ""))
    if viewer.may("tokens:write"):
        text = _("Which systems of yours may read your orders through the API, and when each last did.")
        found.append(Card("/settings/tokens", "key", _("Tokens"), text, ""))
        text = _("How far your systems have read what happened, and how they prove that nothing is missing.")
        found.append(Card("/settings/feed", "queue", _("Feed"), text, ""))
    return found
