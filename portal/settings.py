"""What the portal is told from outside: one frozen value, read from the environment once and handed around."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from portal import letterhead
from portal.domain.invoices import Bank, Party, Seller

Mode = Literal["production", "demo", "test"]
# What a process answers: everything, or the live streams alone.
Part = Literal["web", "live"]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DATABASE_SCHEMES = frozenset({"postgresql", "postgres"})
VALKEY_SCHEMES = frozenset({"valkey", "valkeys", "redis", "rediss", "unix"})
SHORTEST_SECRET = 32


class BadSettings(Exception):
    """The environment asks for something that cannot be; the text says which variable and what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this process runs. Addresses are empty until somebody gives them or the supervisor has started a server."""

    mode: Mode
    home: Path
    host: str
    port: int
    base_url: str
    database_url: str = field(repr=False)
    valkey_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    web_processes: int
    worker_processes: int
    trusted_proxies: str
    # A standby of the database, for what may be a few seconds old; empty: everything is read where it is written.
    replica_url: str = field(default="", repr=False)
    replica_lag_seconds: int = 5
    # Other names under which the portal is called, as by a system of ours in the same network.
    other_base_urls: tuple[str, ...] = ()
    # Who collects traces (OpenTelemetry, OTLP over HTTP); empty: nobody.
    otel_endpoint: str = ""
    # So long a process that is told to stop goes on answering, while a balancer takes it out.
    drain_seconds: int = 0
    # How long it is known what other systems were told, and each try with what was answered.
    keep_deliveries_days: int = 90
    keep_attempts_days: int = 30
    smtp_host: str
    smtp_port: int
    # none, starttls or tls; without a user nobody signs in there.
    smtp_security: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_sender: str
    supplier_name: str
    supplier_colour: str
    supplier_country: str
    supplier_time_zone: str
    tax_rates: Mapping[str, Mapping[str, Decimal]]
    log_level: str
    api_requests_per_minute: int
    # So long news of an order waits for more of it, to be one mail.
    news_after_seconds: int = 20
    # Who needs more than a password to sign in, whatever their account says: off (nobody), supplier, everyone.
    second_factor: str = "off"
    # As whom buyers' reading connects, where that is to be another user than the tables' owner; see docs/security.md.
    buyer_database_url: str = field(default="", repr=False)
    # Where the ERP is asked for credit; empty: the portal stands alone.
    erp_url: str = ""
    erp_token: str = field(default="", repr=False)
    # The supplier on its papers; see `portal.letterhead`.
    supplier_party: Party
    supplier_bank: Bank | None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, serves: bool = True) -> "Settings":
        """Read `PORTAL_*`; raise `BadSettings` with a sentence for the person who set them.

        A command that only works on the database (`serves=False`) asks for less in production.
        """
        env = _Environment(os.environ if environ is None else environ)
        mode = env.mode()
        home = Path(env.text("PORTAL_HOME", ".portal")).expanduser().absolute()
        host = env.text("PORTAL_HOST", "127.0.0.1")
        port = env.number("PORTAL_PORT", 8000, least=0, most=65_535)
        name = env.text("PORTAL_SUPPLIER_NAME", "Harrow & Pike")
        country = env.country("PORTAL_SUPPLIER_COUNTRY", "GB")
        party, bank = env.letterhead(name, country, made_up=mode != "production")
        settings = cls(
            mode=mode,
            home=home,
            host=host,
            port=port,
            base_url=env.address("PORTAL_BASE_URL", f"http://127.0.0.1:{port}", {"http", "https"}).rstrip(
                "/"
            ),
            database_url=env.address("PORTAL_DATABASE_URL", "", DATABASE_SCHEMES),
            buyer_database_url=env.address("PORTAL_BUYER_DATABASE_URL", "", DATABASE_SCHEMES),
            valkey_url=env.valkey_address(),
            secret_key=env.text("PORTAL_SECRET_KEY", ""),
            web_processes=env.number("PORTAL_WEB_PROCESSES", 2, least=1, most=64),
            worker_processes=env.number("PORTAL_WORKER_PROCESSES", 1, least=1, most=64),
            trusted_proxies=env.text("PORTAL_TRUSTED_PROXIES", "127.0.0.1"),
            replica_url=env.address("PORTAL_REPLICA_URL", "", DATABASE_SCHEMES),
            replica_lag_seconds=env.number("PORTAL_REPLICA_LAG_SECONDS", 5, least=1, most=3600),
            drain_seconds=env.number("PORTAL_DRAIN_SECONDS", 0, least=0, most=300),
            keep_deliveries_days=env.number("PORTAL_KEEP_DELIVERIES_DAYS", 90, least=7, most=36_500),
            keep_attempts_days=env.number("PORTAL_KEEP_ATTEMPTS_DAYS", 30, least=1, most=36_500),
            other_base_urls=env.addresses("PORTAL_OTHER_BASE_URLS", {"http", "https"}),
            otel_endpoint=env.address("PORTAL_OTEL_ENDPOINT", "", {"http", "https"}).rstrip("/"),
            smtp_host=env.text("PORTAL_SMTP_HOST", "127.0.0.1"),
            smtp_port=env.number("PORTAL_SMTP_PORT", 25, least=0, most=65_535),
            smtp_security=env.choice("PORTAL_SMTP_SECURITY", "none", ("none", "starttls", "tls")),
            smtp_user=env.text("PORTAL_SMTP_USER", ""),
            smtp_password=env.text("PORTAL_SMTP_PASSWORD", ""),
            mail_sender=env.text("PORTAL_MAIL_SENDER", "orders@portal.example"),
            supplier_name=name,
            supplier_colour=env.colour("PORTAL_SUPPLIER_COLOUR", "#1d4a7a"),
            supplier_country=country,
            supplier_time_zone=env.text("PORTAL_SUPPLIER_TIME_ZONE", "Europe/London"),
            tax_rates=env.tax_rates("PORTAL_TAX_RATES", "GB standard 20, GB reduced 5, GB zero 0"),
            api_requests_per_minute=env.number(
                "PORTAL_API_REQUESTS_PER_MINUTE", 3000, least=6, most=1_000_000
            ),
            news_after_seconds=env.number("PORTAL_NEWS_AFTER_SECONDS", 20, least=0, most=3600),
            second_factor=env.choice(
                "PORTAL_SECOND_FACTOR",
                "supplier" if mode == "production" else "off",
                ("off", "supplier", "everyone"),
            ),
            erp_url=env.address("PORTAL_ERP_URL", "", {"http", "https"}).rstrip("/"),
            erp_token=env.text("PORTAL_ERP_TOKEN", ""),
            supplier_party=party,
            supplier_bank=bank,
            log_level=env.choice("PORTAL_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        )
        settings._refuse_contradictions(env, serves=serves)
        if settings.secret_key or settings.is_production:
            return settings
        return settings.replace(secret_key=kept_secret(home))

    def replace(self, **changes: object) -> "Settings":
        """The same settings but for `changes`; for the supervisor, which learns ports and addresses as it goes."""
        values: dict[str, object] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        unknown = changes.keys() - values.keys()
        if unknown:
            raise TypeError(f"settings have no {', '.join(sorted(unknown))}")

        return Settings(**{**values, **changes})  # type: ignore[arg-type]

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def has_simulated_clock(self) -> bool:
        """Only demo and test may be told what time it is."""
        return not self.is_production

    @property
    def secure_cookies(self) -> bool:
        """`Secure` and the `__Host-` prefix: browsers take both over https only."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def seller(self) -> Seller:
        """The supplier as documents carry it."""
        return Seller(
            party=self.supplier_party,
            bank=self.supplier_bank,
            colour=self.supplier_colour,
            base_url=self.base_url,
        )

    @property
    def supplier(self) -> dict[str, Any]:
        """What `db.supplier` keeps."""
        return {
            "time_zone": self.supplier_time_zone,
            "country": self.supplier_country,
            "seller": self.seller,
        }

    def tax_rate(self, category: str) -> Decimal:
        """Percent, as in `Decimal("20")`, of the supplier's own country."""
        return self.tax_rates[self.supplier_country][category]

    def environment(self) -> dict[str, str]:
        """The variables that give a child process exactly these settings."""
        return {
            "PORTAL_MODE": self.mode,
            "PORTAL_HOME": str(self.home),
            "PORTAL_HOST": self.host,
            "PORTAL_PORT": str(self.port),
            "PORTAL_BASE_URL": self.base_url,
            "PORTAL_DATABASE_URL": self.database_url,
            "PORTAL_BUYER_DATABASE_URL": self.buyer_database_url,
            "PORTAL_VALKEY_URL": self.valkey_url,
            "PORTAL_SECRET_KEY": self.secret_key,
            "PORTAL_WEB_PROCESSES": str(self.web_processes),
            "PORTAL_WORKER_PROCESSES": str(self.worker_processes),
            "PORTAL_TRUSTED_PROXIES": self.trusted_proxies,
            "PORTAL_REPLICA_URL": self.replica_url,
            "PORTAL_REPLICA_LAG_SECONDS": str(self.replica_lag_seconds),
            "PORTAL_DRAIN_SECONDS": str(self.drain_seconds),
            "PORTAL_KEEP_DELIVERIES_DAYS": str(self.keep_deliveries_days),
            "PORTAL_KEEP_ATTEMPTS_DAYS": str(self.keep_attempts_days),
            "PORTAL_OTHER_BASE_URLS": ", ".join(self.other_base_urls),
            "PORTAL_OTEL_ENDPOINT": self.otel_endpoint,
            "PORTAL_SMTP_HOST": self.smtp_host,
            "PORTAL_SMTP_PORT": str(self.smtp_port),
            "PORTAL_SMTP_SECURITY": self.smtp_security,
            "PORTAL_SMTP_USER": self.smtp_user,
            "PORTAL_SMTP_PASSWORD": self.smtp_password,
            "PORTAL_MAIL_SENDER": self.mail_sender,
            "PORTAL_SUPPLIER_NAME": self.supplier_name,
            "PORTAL_SUPPLIER_COLOUR": self.supplier_colour,
            "PORTAL_SUPPLIER_COUNTRY": self.supplier_country,
            "PORTAL_SUPPLIER_TIME_ZONE": self.supplier_time_zone,
            "PORTAL_TAX_RATES": ", ".join(
                f"{country} {category} {rate}"
                for country, rates in self.tax_rates.items()
                for category, rate in rates.items()
            ),
            "PORTAL_LOG_LEVEL": self.log_level,
            "PORTAL_API_REQUESTS_PER_MINUTE": str(self.api_requests_per_minute),
            "PORTAL_NEWS_AFTER_SECONDS": str(self.news_after_seconds),
            "PORTAL_SECOND_FACTOR": self.second_factor,
            "PORTAL_ERP_URL": self.erp_url,
            "PORTAL_ERP_TOKEN": self.erp_token,
            **letterhead.variables(self.supplier_party, self.supplier_bank),
        }

    def _refuse_contradictions(self, env: "_Environment", *, serves: bool) -> None:
        if self.supplier_country not in self.tax_rates:
            raise BadSettings(
                f"PORTAL_TAX_RATES has no rates for the supplier's country {self.supplier_country}."
            )
        if self.secret_key and len(self.secret_key) < SHORTEST_SECRET:
            raise BadSettings(
                f"PORTAL_SECRET_KEY is too short: give at least {SHORTEST_SECRET} random characters."
            )
        if self.is_production:
            env.require("PORTAL_DATABASE_URL")
            if serves:
                env.require("PORTAL_VALKEY_URL", "PORTAL_SECRET_KEY", "PORTAL_BASE_URL")
                env.require(*letterhead.MANDATORY, self._identification())
                self._refuse_open_letters()
        elif self.secure_cookies:
            raise BadSettings(
                f"PORTAL_BASE_URL is https: {self.mode} mode has known passwords and must not be public."
            )
        elif self.host not in LOOPBACK:
            raise BadSettings(
                f"PORTAL_HOST is {self.host}: {self.mode} mode listens on this machine only (127.0.0.1)."
            )

    def _refuse_open_letters(self) -> None:
        """Without https cookies and passwords can be read on their way; on one machine there is none."""
        for address in (self.base_url, *self.other_base_urls):
            parts = urlsplit(address)
            if parts.scheme != "https" and parts.hostname not in LOOPBACK:
                raise BadSettings(f"{address} is not https: production is reached over https only.")

    def _identification(self) -> str:
        """Who charges VAT needs a VAT id, anybody else an entry in a register (BR-CO-26)."""
        charges = any(self.tax_rates[self.supplier_country].values())
        return letterhead.VAT_ID if charges else "PORTAL_SUPPLIER_REGISTRATION"


def kept_secret(home: Path) -> str:
    """The secret of a demo or test home, made on first use; two processes that start at once agree on one."""
    path = home / "secret.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secret.{os.getpid()}.draft")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first: its secret is the one
        finally:
            draft.unlink()
    return path.read_text().strip()


class _Environment:
    """Variables with their checks; an empty variable counts as not set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str) -> str:
        return self._values.get(name, "").strip() or default

    def require(self, *names: str) -> None:
        if missing := [name for name in names if not self.text(name, "")]:
            raise BadSettings(
                f"Production needs {', '.join(missing)}; for a try-out on this machine use `make demo`."
            )

    def mode(self) -> Mode:
        return cast(Mode, self.choice("PORTAL_MODE", "production", get_args(Mode)))

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in allowed:
            raise BadSettings(f"{name} is {value!r}: it can be {', '.join(allowed)}.")
        return value

    def letterhead(self, name: str, country: str, *, made_up: bool) -> tuple[Party, Bank | None]:
        text = letterhead.reading(self.text, made_up=made_up)
        try:
            party = letterhead.party(text, name, country)
            return party, letterhead.bank(text, party.legal_name or name)
        except letterhead.Malformed as malformed:
            raise BadSettings(str(malformed)) from None

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise BadSettings(f"{name} is {value!r}: it must be a whole number from {least} to {most}.")
        return int(value)

    def address(self, name: str, default: str, schemes: set[str] | frozenset[str]) -> str:
        """The value is not repeated in the error: it may hold a password."""
        value = self.text(name, default)
        if value and not any(value.startswith(f"{scheme}://") for scheme in schemes):
            raise BadSettings(f"{name} must start with {' or '.join(f'{s}://' for s in sorted(schemes))}.")
        return value

    def addresses(self, name: str, schemes: set[str]) -> tuple[str, ...]:
        """Several, with commas in between."""
        found = tuple(one.strip().rstrip("/") for one in self.text(name, "").split(",") if one.strip())
        if any(not one.startswith(tuple(f"{scheme}://" for scheme in schemes)) for one in found):
            raise BadSettings(f"{name} is a list of addresses that each start with http:// or https://.")
        return found

    def valkey_address(self) -> str:
        """Client libraries know Redis's scheme names for the same protocol."""
        value = self.address("PORTAL_VALKEY_URL", "", VALKEY_SCHEMES)
        return re.sub(r"^valkey(s?)://", r"redis\1://", value)

    def colour(self, name: str, default: str) -> str:
        value = self.text(name, default).lower()
        if not re.fullmatch(r"#[0-9a-f]{6}", value):
            raise BadSettings(f"{name} is {value!r}: write a colour as #rrggbb.")
        return value

    def country(self, name: str, default: str) -> str:
        value = self.text(name, default).upper()
        if not re.fullmatch(r"[A-Z]{2}", value):
            raise BadSettings(f"{name} is {value!r}: write a country as its two letters, like GB.")
        return value

    def tax_rates(self, name: str, default: str) -> Mapping[str, Mapping[str, Decimal]]:
        """`GB standard 20, GB reduced 5`: country, category, percent."""
        rates: dict[str, dict[str, Decimal]] = {}
        for entry in self.text(name, default).split(","):
            try:
                country, category, percent = entry.split()
                rate = Decimal(percent)
            except (ValueError, InvalidOperation):
                raise BadSettings(f"{name}: {entry.strip()!r} is not like 'GB standard 20'.") from None
            if not rate.is_finite() or not 0 <= rate <= 100:
                raise BadSettings(f"{name}: {entry.strip()!r} is not a percentage from 0 to 100.")
            rates.setdefault(country.upper(), {})[category] = rate
        return rates
