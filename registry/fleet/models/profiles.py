"""The mappings of foreign headers that officers keep under a name."""

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Id


class ImportProfile(Base):
    """
    How one foreign inventory says what our sheets say, as an officer mapped it.

    `content` is a JSON object with all other fields of rules.profiles.Profile.
    """

    __tablename__ = "import_profiles"
    __table_args__ = (CheckConstraint("name <> ''", name="named"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    content: Mapped[str] = mapped_column(Text)
