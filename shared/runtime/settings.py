"""What an installation may set, from the environment (`QUDAO_…`). No secret has a default."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.kernel.errors import Incompatible
from shared.runtime.quota import UNLIMITED, quota

Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


WHOSE = re.compile(r"client:.+|role:[a-z]+")


def _pairs(told: str, like: str) -> dict[str, str]:
    pairs = [one.strip().partition("=") for one in told.split(",") if one.strip()]
    if any(not (name and value) for name, _, value in pairs):
        raise ValueError(f"pairs like {like}, with commas between them")
    return {name.strip(): value.strip() for name, _, value in pairs}


class Settings(BaseSettings):
    """`qudao doctor --settings` prints this as a table.

    A secret may also come from a file of the folder QUDAO_SECRETS, named like the setting in
    lower case.
    """

    model_config = SettingsConfigDict(
        env_prefix="QUDAO_", extra="ignore", hide_input_in_errors=True
    )

    data: Path = Field(Path("data"), description="the folder of the embedded stores")
    timezone: str = Field("Asia/Shanghai", description="the zone of every business date")
    test: bool = Field(False, description="local token issuer and hand-turned clock are allowed")
    host: str = Field("127.0.0.1", description="the address that a process listens on")
    port: int = Field(8080, description="the first port that is tried")
    partitions: int = Field(6, ge=1, le=64, description="partitions of a new topic")
    body_limit: int = Field(1 << 20, description="the largest request body, in bytes")
    file_limit: int = Field(10 << 20, description="the largest file of evidence, in bytes")
    rate: str = Field("3000/minute", description="requests of one partner's client")
    rate_staff: str = Field("60000/minute", description="requests of one client of the staff")
    rates: Annotated[dict[str, str], NoDecode] = Field(
        {"client:qudao-cli": UNLIMITED},
        description="other rates, by client or role: client:erp=600/second,role:auditor=60/minute",
    )
    oidc_issuer: str | None = Field(None, description="the `iss` of tokens that are accepted")
    oidc_audience: str = Field("qudao", description="the `aud` of tokens that are accepted")
    oidc_jwks: Path | None = Field(None, description="a file with the issuer's public keys")
    log: Literal["auto", "console", "json"] = Field("auto", description="the form of log lines")

    kafka: str | None = Field(None, description="Kafka's bootstrap servers; unset: embedded bus")
    kafka_security: Security = Field("PLAINTEXT", description="how Kafka is spoken to")
    kafka_mechanism: Mechanism = Field("SCRAM-SHA-512", description="how Kafka knows its user")
    kafka_user: str | None = Field(None, description="the user of the SASL mechanism")
    kafka_password: SecretStr | None = Field(None, description="that user's password")
    kafka_ca: Path | None = Field(None, description="who signed Kafka's certificate, as PEM")
    kafka_certificate: Path | None = Field(None, description="our own certificate, as PEM")
    kafka_key: Path | None = Field(None, description="our own certificate's key, as PEM")
    kafka_replication: int = Field(1, ge=1, description="copies of a new topic")
    topic_prefix: str = Field("", description="put before every topic's name")
    instance: str | None = Field(None, description="a stable name of this worker, like its pod's")

    kurrent: str | None = Field(
        None, description="KurrentDB's uri; unset: embedded stores", repr=False
    )
    kurrent_user: str | None = Field(None, description="the user of KurrentDB")
    kurrent_password: SecretStr | None = Field(None, description="that user's password")
    kurrent_ca: Path | None = Field(None, description="who signed its certificate, as PEM")

    mongo: str | None = Field(
        None, description="MongoDB's uri; unset: embedded views and people", repr=False
    )
    mongo_user: str | None = Field(None, description="the user of MongoDB")
    mongo_password: SecretStr | None = Field(None, description="that user's password")
    mongo_ca: Path | None = Field(None, description="who signed its certificate, as PEM")
    mongo_prefix: str = Field("qudao", description="databases are named <prefix>_<context>")

    blobs: str | None = Field(None, description="s3://bucket/prefix; unset: a folder of the data")
    blobs_endpoint: str | None = Field(None, description="the address of an S3-compatible server")
    blobs_region: str | None = Field(None, description="the bucket's region")
    blobs_key: str | None = Field(None, description="the id of the access key")
    blobs_secret: SecretStr | None = Field(None, description="the access key's secret")

    smtp: str | None = Field(None, description="the mail server: host:port; unset: no mail")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the mail server is spoken to"
    )
    smtp_sender: str | None = Field(None, description="who notifications by mail come from")
    smtp_user: str | None = Field(None, description="the user of the mail server")
    smtp_password: SecretStr | None = Field(None, description="that user's password")
    webhook_loopback: bool = Field(
        False, description="webhooks may go to loopback, by http: tests and development only"
    )

    apis: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="where the gateway finds the contexts: orders=http://orders-api:8080,…"
    )
    gateway: str | None = Field(None, description="the address that commands on data talk to")
    token: SecretStr | None = Field(None, description="the token that those commands show there")

    def __init__(self, **given: Any) -> None:
        if folder := os.environ.get("QUDAO_SECRETS"):
            if not Path(folder).is_dir():
                raise Incompatible(f"QUDAO_SECRETS: {folder} is no folder")
            given.setdefault("_secrets_dir", folder)
        super().__init__(**given)

    @field_validator("apis", mode="before")
    @classmethod
    def _addresses(cls, told: object) -> object:
        if not isinstance(told, str):
            return told
        found = _pairs(told, "orders=http://orders-api:8080")
        return {name: address.rstrip("/") for name, address in found.items()}

    @field_validator("rate", "rate_staff")
    @classmethod
    def _rate(cls, told: str) -> str:
        quota(told)
        return told

    @field_validator("rates", mode="before")
    @classmethod
    def _rates(cls, told: object) -> object:
        """What is set stands beside the command line's own."""
        if not isinstance(told, str):
            return told
        found = _pairs(told, "client:erp=600/second")
        for name, rate in found.items():
            if not WHOSE.fullmatch(name):
                raise ValueError(f"{name}: say client:<subject> or role:<role>")
            quota(rate)
        return {"client:qudao-cli": UNLIMITED, **found}

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        """A user without its password is a mistake that a server would tell us late."""
        if self.kafka and self.kafka_security.startswith("SASL") and not self.kafka_user:
            raise ValueError("QUDAO_KAFKA_USER is missing: QUDAO_KAFKA_SECURITY asks for one")
        for name in ("kafka", "kurrent", "mongo"):
            if getattr(self, f"{name}_user") and not getattr(self, f"{name}_password"):
                raise ValueError(f"QUDAO_{name.upper()}_PASSWORD is missing")
        if self.smtp and not self.smtp_sender:
            raise ValueError("QUDAO_SMTP_SENDER is missing: mail comes from somebody")
        if self.smtp and not re.fullmatch(r".+:[0-9]{1,5}", self.smtp):
            raise ValueError("QUDAO_SMTP is host:port")
        if self.smtp_user and not self.smtp_password:
            raise ValueError("QUDAO_SMTP_PASSWORD is missing")
        if self.blobs_key and not self.blobs_secret:
            raise ValueError("QUDAO_BLOBS_SECRET is missing")
        return self

    def secret(self, name: str) -> str | None:
        """In the clear, for the one who needs it."""
        kept: SecretStr | None = getattr(self, name)
        return kept.get_secret_value() if kept else None
