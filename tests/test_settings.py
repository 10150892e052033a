from decimal import Decimal
from pathlib import Path

import pytest

from portal.domain.invoices import Bank
from portal.settings import BadSettings, Settings

PRODUCTION = {
    "PORTAL_DATABASE_URL": "postgresql://portal@db/portal",
    "PORTAL_VALKEY_URL": "valkey://cache/0",
    "PORTAL_SECRET_KEY": "s" * 32,
    "PORTAL_BASE_URL": "https://orders.example",
    "PORTAL_SUPPLIER_LEGAL_NAME": "Seilerei Nord GmbH",
    "PORTAL_SUPPLIER_STREET": "Am Kai 4",
    "PORTAL_SUPPLIER_CITY": "Hamburg",
    "PORTAL_SUPPLIER_POSTAL_CODE": "20457",
    "PORTAL_SUPPLIER_VAT_ID": "DE136695976",
    "PORTAL_SUPPLIER_IBAN": "DE75512108001245126199",
}


def demo(home: Path, **variables: str) -> Settings:
    return Settings.from_env({"PORTAL_MODE": "demo", "PORTAL_HOME": str(home), **variables})


def test_the_mode_is_production_unless_said_otherwise() -> None:
    assert Settings.from_env(PRODUCTION).mode == "production"


def test_production_has_secure_cookies_and_no_simulated_clock() -> None:
    settings = Settings.from_env(PRODUCTION)

    assert settings.secure_cookies
    assert not settings.has_simulated_clock


@pytest.mark.parametrize("name", ["PORTAL_BASE_URL", "PORTAL_OTHER_BASE_URLS"])
def test_production_is_reached_over_https_only_but_on_the_machine_itself(name: str) -> None:
    with pytest.raises(BadSettings, match="is not https: production"):
        Settings.from_env({**PRODUCTION, name: "http://orders.example"})
    assert not Settings.from_env({**PRODUCTION, "PORTAL_BASE_URL": "http://127.0.0.1:8000"}).secure_cookies


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_does_not_start_without(name: str) -> None:
    given = {key: value for key, value in PRODUCTION.items() if key != name}

    with pytest.raises(BadSettings, match=name):
        Settings.from_env(given)


def test_a_command_on_the_database_needs_no_more_than_the_database() -> None:
    given = {"PORTAL_DATABASE_URL": PRODUCTION["PORTAL_DATABASE_URL"]}

    assert Settings.from_env(given, serves=False).database_url == PRODUCTION["PORTAL_DATABASE_URL"]


def test_who_charges_no_tax_is_found_in_a_register() -> None:
    given = {**PRODUCTION, "PORTAL_TAX_RATES": "GB standard 0"}
    del given["PORTAL_SUPPLIER_VAT_ID"]

    with pytest.raises(BadSettings, match="PORTAL_SUPPLIER_REGISTRATION"):
        Settings.from_env(given)

    registered = Settings.from_env({**given, "PORTAL_SUPPLIER_REGISTRATION": "HRB 4711"})
    assert registered.seller.party.vat_id is None


def test_the_suppliers_facts_stand_on_its_papers_as_they_were_given() -> None:
    settings = Settings.from_env(
        {
            **PRODUCTION,
            "PORTAL_SUPPLIER_STREET": "Haus 3 | Am Kai 4",
            "PORTAL_SUPPLIER_IBAN": "de75 5121 0800 1245 1261 99",
        }
    )

    assert settings.seller.party.address.lines == ["Haus 3", "Am Kai 4"]
    assert settings.seller.bank == Bank(holder="Seilerei Nord GmbH", iban="DE75512108001245126199")
    assert Settings.from_env(settings.environment()) == settings


def test_only_the_demos_supplier_is_made_up(tmp_path: Path) -> None:
    assert demo(tmp_path).seller.party.vat_id == "GB123456782"
    assert demo(tmp_path, PORTAL_SUPPLIER_LEGAL_NAME="Ours Ltd").seller.party.vat_id is None


def test_the_demo_keeps_one_secret(tmp_path: Path) -> None:
    first, second = demo(tmp_path), demo(tmp_path)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_two_demos_have_two_secrets(tmp_path: Path) -> None:
    assert demo(tmp_path / "a").secret_key != demo(tmp_path / "b").secret_key


def test_what_a_child_is_given_makes_the_same_settings(tmp_path: Path) -> None:
    settings = demo(
        tmp_path,
        PORTAL_SUPPLIER_NAME="Müller & Söhne",
        PORTAL_TAX_RATES="DE standard 19, DE reduced 7, GB standard 20",
    )

    assert Settings.from_env(settings.environment()) == settings


def test_settings_do_not_show_passwords(tmp_path: Path) -> None:
    settings = demo(tmp_path, PORTAL_DATABASE_URL="postgresql://portal:hunter2@db/portal")

    assert "hunter2" not in repr(settings)
    assert settings.secret_key not in repr(settings)


def test_tax_is_the_suppliers_countrys(tmp_path: Path) -> None:
    settings = demo(tmp_path)

    assert [settings.tax_rate(category) for category in ("standard", "reduced", "zero")] == [
        Decimal(20),
        Decimal(5),
        Decimal(0),
    ]


def test_valkeys_own_scheme_reaches_clients_that_know_only_the_older_one(tmp_path: Path) -> None:
    assert demo(tmp_path, PORTAL_VALKEY_URL="valkeys://cache/3").valkey_url == "rediss://cache/3"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORTAL_MODE": "staging"}, "PORTAL_MODE is 'staging': it can be production, demo, test"),
        ({"PORTAL_PORT": "70000"}, "PORTAL_PORT is '70000': it must be a whole number from 0 to 65535"),
        ({"PORTAL_PORT": "-1"}, "PORTAL_PORT"),
        ({"PORTAL_WEB_PROCESSES": "0"}, "PORTAL_WEB_PROCESSES"),
        ({"PORTAL_DATABASE_URL": "mysql://root@db"}, "PORTAL_DATABASE_URL must start with postgres"),
        ({"PORTAL_VALKEY_URL": "http://cache"}, "PORTAL_VALKEY_URL must start with"),
        ({"PORTAL_SUPPLIER_COLOUR": "blue"}, "PORTAL_SUPPLIER_COLOUR"),
        ({"PORTAL_SUPPLIER_COUNTRY": "Britain"}, "PORTAL_SUPPLIER_COUNTRY"),
        ({"PORTAL_SUPPLIER_COUNTRY": "FR"}, "PORTAL_TAX_RATES has no rates for the supplier's country FR"),
        ({"PORTAL_SUPPLIER_IBAN": "GB83 WEST 1234 5698 7654 32"}, "PORTAL_SUPPLIER_IBAN is not a valid IBAN"),
        ({"PORTAL_SUPPLIER_BIC": "WEST"}, "PORTAL_SUPPLIER_BIC is 'WEST'"),
        ({"PORTAL_SUPPLIER_VAT_ID": "123 4567 82"}, "PORTAL_SUPPLIER_VAT_ID is '123 4567 82': write it with"),
        ({"PORTAL_SUPPLIER_ELECTRONIC_ADDRESS": "mail@ours.example"}, "write scheme:value"),
        ({"PORTAL_TAX_RATES": "GB standard"}, "'GB standard' is not like"),
        ({"PORTAL_TAX_RATES": "GB standard NaN"}, "not a percentage"),
        ({"PORTAL_SECRET_KEY": "short"}, "PORTAL_SECRET_KEY is too short"),
        ({"PORTAL_BASE_URL": "https://orders.example"}, "PORTAL_BASE_URL is https: demo mode"),
        ({"PORTAL_HOST": "0.0.0.0"}, "PORTAL_HOST is 0.0.0.0: demo mode"),  # noqa: S104 (it is refused)
    ],
)
def test_a_bad_value_is_refused_with_a_sentence(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadSettings, match=sentence):
        demo(tmp_path, **variables)


def test_an_address_with_a_password_is_not_repeated_in_the_refusal(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refusal:
        demo(tmp_path, PORTAL_DATABASE_URL="mysql://root:hunter2@db")

    assert "hunter2" not in str(refusal.value)
