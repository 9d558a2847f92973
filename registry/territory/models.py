"""Territory as the official geographic code (COG) of INSEE describes it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base


class Region(Base):
    """A region, by its INSEE code (two characters, `32` for Hauts-de-France)."""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Department(Base):
    """A department, by its INSEE code (`59`, `2A`, `971`)."""

    __tablename__ = "departments"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)

    region: Mapped[Region] = relationship()


class Epci(Base):
    """A grouping of communes with its own taxation, by its SIREN."""

    __tablename__ = "epcis"

    siren: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class Commune(Base):
    """
    A commune of today, by its INSEE code: five characters, never a number.

    `population` is the municipal population; `population_year` the year that
    it describes, not the one in which it was published.
    """

    __tablename__ = "communes"
    __table_args__ = (
        CheckConstraint("population IS NULL OR population >= 0", name="population"),
        Index("ix_communes_search", "search_name"),
    )

    insee: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    search_name: Mapped[str] = mapped_column(String(120))
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    epci_siren: Mapped[str | None] = mapped_column(ForeignKey("epcis.siren"), index=True)
    population: Mapped[int | None]
    population_year: Mapped[int | None]

    department: Mapped[Department] = relationship()
    epci: Mapped[Epci | None] = relationship()


class FormerCommune(Base):
    """An INSEE code that is no longer in use, and the commune that took over."""

    __tablename__ = "former_communes"

    insee: Mapped[str] = mapped_column(String(5), primary_key=True)
    successor_insee: Mapped[str] = mapped_column(ForeignKey("communes.insee"), index=True)

    successor: Mapped[Commune] = relationship()
