"""Who receives grants."""

from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Id, Word


class BeneficiaryKind(StrEnum):
    """Who may receive a grant."""

    COMMUNE = "commune"
    EPCI = "epci"
    SYNDICATE = "syndicate"
    SNCF = "sncf"
    REGION = "region"


class Beneficiary(Base):
    """A body that receives grants: a commune, a grouping, SNCF, the region itself."""

    __tablename__ = "beneficiaries"
    __table_args__ = (UniqueConstraint("kind", "normalised_name", "insee"),)

    id: Mapped[Id]
    kind: Mapped[BeneficiaryKind] = mapped_column(Word(BeneficiaryKind))
    name: Mapped[str] = mapped_column(String(200))
    normalised_name: Mapped[str] = mapped_column(String(200))
    siren: Mapped[str | None] = mapped_column(String(9), index=True)
    insee: Mapped[str] = mapped_column(String(5), default="")
