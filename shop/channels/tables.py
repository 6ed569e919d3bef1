"""The rows of the channels."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.tables import Base, Id


class ChannelKey(Base):
    """A program's key to the API. The key itself is shown once and stored hashed; ``hint`` is its beginning.

    ``per_minute`` requests are answered in any minute; revoked means from the next request on.
    """

    __tablename__ = "channel_key"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    channel: Mapped[str]
    hint: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    per_minute: Mapped[int]
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
