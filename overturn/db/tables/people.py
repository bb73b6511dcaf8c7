"""Who works here."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant


class UserAccount(SQLModel, table=True):
    """A person. `role`: specialist or manager; `skills` as in `rules/queues.csv`, none for all of them."""

    __tablename__ = "user_account"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_name: str = Field(unique=True)
    display_name: str
    role: str
    password_hash: str
    skills: list[str] = document()
    disabled: bool = False
    created_at: datetime = instant()


class UserSession(SQLModel, table=True):
    """A signed-in browser: the hash of an opaque cookie, with its form token."""

    __tablename__ = "user_session"

    token_hash: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    form_token: str
    created_at: datetime = instant()
    last_seen_at: datetime = instant()
