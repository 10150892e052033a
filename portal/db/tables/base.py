"""What all tables share: one metadata with named constraints, and the column types of the trade."""

from enum import Enum

from sqlalchemy import CheckConstraint, Column, DateTime, MetaData, Numeric, Text, text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

QUANTITY = Numeric(18, 6)
PRICE = Numeric(18, 6)
MONEY = Numeric(18, 3)
INSTANT = DateTime(timezone=True)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """A moment in UTC."""
    return Column(name, INSTANT, nullable=nullable)


def created() -> Column[object]:
    """When the row was written, by the database's own clock: for operators, never for promises."""
    return Column("created_at", INSTANT, nullable=False, server_default=text("now()"))


def one_of(column: str, values: type[Enum] | tuple[str, ...]) -> CheckConstraint:
    """The column holds one of these words."""
    words = values if isinstance(values, tuple) else tuple(str(item.value) for item in values)
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} in ({listed})", name=column)


def words(name: str, default: str | None = None, *, nullable: bool = False) -> Column[object]:
    """A text column; with `default` it is filled when left out."""
    if default is None:
        return Column(name, Text, nullable=nullable)
    return Column(name, Text, nullable=nullable, server_default=text(f"'{default}'"))


def owner(name: str = "account", *, nullable: bool = False) -> Column[object]:
    """Whose row it is: the account of the row it belongs to. A trigger sees to it (`portal.db.row_policies`)."""
    return Column(name, Text, nullable=nullable)
