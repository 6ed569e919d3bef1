"""Settings from the environment; a wrong value stops the start with one clear line."""

import sys
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from shop.core.reach import only_in_the_shop

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator may set. Everything a shop must keep lives under ``data``."""

    model_config = SettingsConfigDict(extra="ignore")

    data: Path = Field(default=ROOT / "instance", validation_alias="FAIRSLICE_DATA")
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    secret_file: Path | None = Field(default=None, validation_alias="FAIRSLICE_SECRET_FILE")
    keys_file: Path | None = Field(default=None, validation_alias="FAIRSLICE_KEYS_FILE")
    ledger_key_file: Path | None = Field(default=None, validation_alias="LEDGER_KEY_FILE")
    public_url: str = Field(default="", validation_alias="PUBLIC_URL")
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="FAIRSLICE_PORT")
    https: bool = Field(default=False, validation_alias="FAIRSLICE_HTTPS")
    proxies: int = Field(default=0, ge=0, le=3, validation_alias="FAIRSLICE_PROXIES")
    sockets: int = Field(default=64, ge=4, le=1000, validation_alias="FAIRSLICE_SOCKETS")
    planner: bool = Field(default=True, validation_alias="FAIRSLICE_PLANNER")
    rate_limits: bool = Field(default=True, validation_alias="FAIRSLICE_RATE_LIMITS")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value:
            return value
        try:
            url = make_url(value)
        except ArgumentError:
            raise ValueError("is not a database address, such as postgresql://user@host/name") from None
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ValueError("must be sqlite:///file or postgresql://user@host/name")
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    def model_post_init(self, context: Any) -> None:
        self.data = self.data.resolve()
        self.database_url = self.database_url or f"sqlite:///{self.data / 'shop.db'}"
        self.secret_file = self.secret_file or self.data / "secret.key"
        self.keys_file = self.keys_file or self.data / "personal.key"
        self.ledger_key_file = self.ledger_key_file or self.data / "ledger.key"
        scheme = "https" if self.https else "http"
        self.public_url = self.public_url or f"{scheme}://127.0.0.1:{self.port}"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def public_is_local(self) -> bool:
        """Whether a customer's own phone cannot reach what the QR codes point to, once outside the shop."""
        return only_in_the_shop(self.public_url)


def settings_or_exit() -> Settings:
    """Read the settings, or stop with one line that names the wrong one."""
    try:
        return Settings()
    except ValidationError as trouble:
        first = trouble.errors()[0]
        print(f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}", file=sys.stderr)
        raise SystemExit(2) from None
