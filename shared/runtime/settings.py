"""What an installation may set, from the environment (`QUDAO_…`). No secret has a default."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`qudao doctor --settings` prints this as a table."""

    model_config = SettingsConfigDict(env_prefix="QUDAO_", extra="ignore")

    data: Path = Field(Path("data"), description="the folder of the embedded stores")
    timezone: str = Field("Asia/Shanghai", description="the zone of every business date")
    test: bool = Field(False, description="local token issuer and hand-turned clock are allowed")
    host: str = Field("127.0.0.1", description="the address the gateway listens on")
    port: int = Field(8080, description="the first port that is tried")
    partitions: int = Field(6, ge=1, le=64, description="partitions of a new embedded topic")
    body_limit: int = Field(1 << 20, description="the largest request body, in bytes")
    rate: str = Field("3000/minute", description="requests of one partner's client")
    oidc_issuer: str | None = Field(None, description="the `iss` of tokens that are accepted")
    oidc_audience: str = Field("qudao", description="the `aud` of tokens that are accepted")
    oidc_jwks: Path | None = Field(None, description="a file with the issuer's public keys")
    log: Literal["auto", "console", "json"] = Field("auto", description="the form of log lines")
