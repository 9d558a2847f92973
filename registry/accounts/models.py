"""People who sign in, and the roles they hold."""

from datetime import datetime

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Id

users_roles = Table(
    "users_roles",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("role_id", ForeignKey("roles.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """A named set of rights; what each may do stands in accounts/rules.py."""

    __tablename__ = "roles"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40), unique=True)


class User(Base, UserMixin):
    """A person; the password is an argon2 hash made by Flask-Security."""

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]

    # The mixin promises a plain list of its own RoleMixin; ours is the mapped one.
    roles: Mapped[list[Role]] = relationship(secondary=users_roles)  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Name the person by number only: addresses stay out of the logs."""
        return f"User(id={self.id})"
