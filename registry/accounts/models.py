"""People who sign in, and the roles they hold."""

from datetime import datetime

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table
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


class ApiToken(Base):
    """
    What another system signs in with: a prefix that names it, and the hash of a secret.

    The secret has 256 bits of chance, so its SHA-256 cannot be guessed back. `rights`
    are words of accounts/rules.py, `territory` is `department:59 commune:02691
    epci:200067742`, empty for everywhere, `networks` are CIDR, empty for anywhere;
    all three are separated by spaces. `last_used_at` is exact to some minutes.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="lasting"),
        CheckConstraint("revoked_at IS NULL OR revoked_at >= created_at", name="ordered"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    prefix: Mapped[str] = mapped_column(String(12), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    rights: Mapped[str] = mapped_column(String(400))
    territory: Mapped[str] = mapped_column(String(1_000), default="")
    networks: Mapped[str] = mapped_column(String(400), default="")
    read_only: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        """Name the token by number only: what it is made of stays out of the logs."""
        return f"ApiToken(id={self.id})"


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
