"""What all tables of the store share: their metadata and the way they write a moment."""

from sqlalchemy import TIMESTAMP, Column, MetaData

metadata = MetaData(
    naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_%(column_0_N_name)s_key"}
)


def moment(name: str, *, nullable: bool = True) -> Column[object]:
    """Return a column of moments, which are kept with their zone."""
    return Column(name, TIMESTAMP(timezone=True), nullable=nullable)
