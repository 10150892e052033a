"""The page of roles says all that each may do, in each language, from the table that decides it."""

from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES
from portal.filters import tongue
from portal.views.settings.roles import BUYERS, MAY, STAFF, cards

TABLES = {False: BUYER_ROLES, True: SUPPLIER_ROLES}


def test_every_role_and_every_permission_has_its_words() -> None:
    assert set(BUYERS) == set(BUYER_ROLES)
    assert set(STAFF) == set(SUPPLIER_ROLES)
    permissions = {one for table in TABLES.values() for role in table.values() for one in role}
    assert permissions == set(MAY)


def test_what_a_card_says_adds_up_to_the_role() -> None:
    words = {text: permission for permission, text in MAY.items()}
    assert len(words) == len(MAY), "two permissions in the same words"
    for is_staff, table in TABLES.items():
        found = {card.name: card for card in cards(tongue("en", "Europe/London"), is_staff=is_staff)}
        by_word = {card.word: name for name, card in found.items()}
        for name, card in found.items():
            said = {words[text] for text in card.may}
            for like in card.like.removeprefix("All that ").removesuffix(" may, and:").split(", "):
                said |= table[by_word[like]] if like else set()
            assert said == table[name], name
