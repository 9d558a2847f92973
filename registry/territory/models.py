"""Territory as the official geographic code (COG) of INSEE describes it."""

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, LargeBinary, String, Text
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
    it describes, not the one in which it was published. `postal_codes` are separated
    by spaces, `former_names` (of communes that it took over, too) by bars.
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
    postal_codes: Mapped[str] = mapped_column(String(200), default="", server_default="")
    former_names: Mapped[str] = mapped_column(Text, default="", server_default="")

    department: Mapped[Department] = relationship()
    epci: Mapped[Epci | None] = relationship()


class FormerCommune(Base):
    """An INSEE code that is no longer in use, and the commune that took over."""

    __tablename__ = "former_communes"

    insee: Mapped[str] = mapped_column(String(5), primary_key=True)
    successor_insee: Mapped[str] = mapped_column(ForeignKey("communes.insee"), index=True)

    successor: Mapped[Commune] = relationship()


class CommuneWord(Base):
    """
    A word under which a commune is searched: of its names, postal and former codes.

    The population stands here again, so that the largest communes of a word are read
    from the index alone.
    """

    __tablename__ = "commune_words"
    __table_args__ = (Index("ix_commune_words_search", "word", "population", "insee"),)

    insee: Mapped[str] = mapped_column(ForeignKey("communes.insee"), primary_key=True)
    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    population: Mapped[int] = mapped_column(default=0)


class Station(Base):
    """A station of the SNCF, by its UIC code; its name is not that of its commune."""

    __tablename__ = "stations"

    uic: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    search_name: Mapped[str] = mapped_column(String(120))
    trigram: Mapped[str] = mapped_column(String(8), default="")
    segment: Mapped[str] = mapped_column(String(20), default="")
    insee: Mapped[str | None] = mapped_column(ForeignKey("communes.insee"), index=True)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)

    commune: Mapped[Commune | None] = relationship()


class School(Base):
    """A lycée, by its UAI code."""

    __tablename__ = "schools"

    uai: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    search_name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(200), default="")
    insee: Mapped[str | None] = mapped_column(ForeignKey("communes.insee"), index=True)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)

    commune: Mapped[Commune | None] = relationship()


class Contour(Base):
    """
    The outline of a commune, simplified and packed, its box, and a point inside it.

    Degrees of WGS 84. `rings` is what rules.outline packs; a hole is a ring like the
    others (even-odd rule).
    """

    __tablename__ = "contours"
    __table_args__ = (
        CheckConstraint("south <= north AND west <= east", name="box"),
        Index("ix_contours_box", "south", "north", "west", "east"),
    )

    insee: Mapped[str] = mapped_column(ForeignKey("communes.insee"), primary_key=True)
    south: Mapped[float] = mapped_column(Float)
    north: Mapped[float] = mapped_column(Float)
    west: Mapped[float] = mapped_column(Float)
    east: Mapped[float] = mapped_column(Float)
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    rings: Mapped[bytes] = mapped_column(LargeBinary)

    commune: Mapped[Commune] = relationship()
