"""Settings: read once from the environment, frozen, and refused when they contradict each other or are unknown."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gateway.jwks.origin import origin_of

PREFIX = "DIRECTORY_"
ROOT = Path(__file__).resolve().parent.parent
"""The checkout that the gateway runs from."""
ELSEWHERE = frozenset({"DIRECTORY_DATA"})
"""Variables of the command line that are not settings of the gateway."""
_SCHEMES = {
    "graph_uri": tuple(f"{scheme}{tls}://" for scheme in ("bolt", "neo4j") for tls in ("", "+s", "+ssc")),
    "stream_url": ("redis://", "rediss://"),
    "opa_url": ("http://", "https://"),
}


def _names_a_host(address: str) -> bool:
    """Whether an address can be taken apart: a slash in a password, for one, ends the host too early."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class SettingsError(Exception):
    """The settings do not make sense; the message says which and what to do."""


class Settings(BaseModel):
    """What the gateway needs to know; the description of each field is its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    graph_uri: str = Field(description="Bolt address of the graph, `bolt://` or `neo4j://`, with `+s` for TLS.")
    graph_user: str = Field("neo4j", description="User of the graph.")
    graph_password: SecretStr = Field(description="Password of that user.")
    graph_pool: int = Field(32, ge=1, le=1000, description="Connections to the graph for each worker.")
    stream_url: SecretStr = Field(description="Address of the audit stream's Redis, `redis://` or `rediss://`.")
    audit_keys: Path = Field(
        description="Folder with `signing.key` and `reading.pub`, with which entries are signed and their text sealed."
    )
    audit_archive: Path | None = Field(
        None, description="Folder of the audit archive, which the archiver writes and questions read."
    )
    audit_keystore: Path | None = Field(
        None, description="File with the subjects' keys that open free text in the archive; outside its folder."
    )
    audit_witnesses: str | None = Field(
        None, description="Witnesses of the archive, separated by commas: of each its address, a space and its key."
    )
    audit_years: int = Field(
        24, ge=1, le=100, description="Years that the archive keeps entries: a record to 18, and 6 years more."
    )
    audit_replicas: int = Field(
        0, ge=0, le=10, description="Replicas of the stream's Redis that must confirm each entry too."
    )
    policy: Literal["opa", "embedded"] = Field(
        "opa", description="Who decides: an `opa` server, or the same rules `embedded` in the process."
    )
    opa_url: str | None = Field(None, description="Address of the OPA server; needed when `DIRECTORY_POLICY` is `opa`.")
    policy_store: Path | None = Field(
        None, description="The store of signed policies, whose live revision is in force."
    )
    policy_key: Path | None = Field(None, description="The public key of whoever signs policies, a PEM file.")
    policy_second_key: Path | None = Field(
        None, description="The public key of the second person, who agrees to policies that open more, a PEM file."
    )
    unsigned_policies: bool = Field(
        False, description="Whether the plain policy folder is in force while the store has no live revision."
    )
    policies: Path = Field(ROOT / "policies", description="That folder: for development and the demonstration alone.")
    issuer: str = Field(description="The issuer that tokens must name.")
    audience: str = Field("directory", description="The audience that tokens must name.")
    mediation_audience: str = Field(
        "directory-mediation", description="The audience that the tokens of people who are asked for must name."
    )
    jwks: str = Field(
        description="Where the issuer's keys are: an `https:` or, on this machine, `http:` or `file:` URL."
    )
    leeway: int = Field(30, ge=0, le=300, description="Clock difference allowed in a token's times, in seconds.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Worker processes.")
    deadline: float = Field(5.0, gt=0, le=60, description="How long one request may take in all, in seconds.")
    max_requests: int = Field(
        32, ge=1, le=10_000, description="Operations under way at once in each worker; any more are refused at once."
    )
    planning_share: float = Field(
        0.2, gt=0, le=1, description="The share of its time that each worker has the graph plan new forms of query."
    )
    planning_account_share: float = Field(
        0.02, gt=0, le=1, description="The share of a worker's time that is spent on new forms of query of one account."
    )
    max_body: int = Field(100_000, ge=1_000, le=10_000_000, description="Largest request body, in bytes.")
    authenticated: bool = Field(
        False, description="Whether the schema definition carries `@authenticated`, for routers that heed it."
    )
    metrics: bool = Field(
        False,
        description="Whether `/metrics` is served, for Prometheus; keep it from everybody but your own monitoring.",
    )
    ftv1: bool = Field(
        False, description="Whether a router that asks for a federated trace gets one: how long the operation took."
    )
    warm: bool = Field(True, description="Whether the known statements are planned by the graph before serving.")

    @field_validator("graph_uri", "stream_url", "opa_url")
    @classmethod
    def _addressed(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        schemes = _SCHEMES[str(info.field_name)]
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not text.startswith(schemes):
            raise ValueError(f"The address must begin with {' or '.join(schemes)}")
        if not _names_a_host(text):
            raise ValueError("The address names no host and port. In a password, write / as %2F and # as %23")
        return value

    @field_validator("issuer", "audience", "mediation_audience", "graph_user", "host")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("It is empty")
        return value

    @field_validator("jwks")
    @classmethod
    def _published(cls, value: str) -> str:
        origin_of(value)
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if self.audience == self.mediation_audience:
            raise ValueError("DIRECTORY_MEDIATION_AUDIENCE must differ from DIRECTORY_AUDIENCE: name another.")
        if self.policy == "opa" and not self.opa_url:
            raise ValueError("Set DIRECTORY_OPA_URL, or DIRECTORY_POLICY to embedded.")
        if bool(self.policy_store) + bool(self.policy_key) + bool(self.policy_second_key) not in {0, 3}:
            raise ValueError(
                "DIRECTORY_POLICY_STORE, DIRECTORY_POLICY_KEY and DIRECTORY_POLICY_SECOND_KEY belong together: set all."
            )
        if not (self.policy_store or self.unsigned_policies):
            raise ValueError(
                "Set DIRECTORY_POLICY_STORE, DIRECTORY_POLICY_KEY and DIRECTORY_POLICY_SECOND_KEY, so that only signed "
                "policies are in force; or, away from real records, DIRECTORY_UNSIGNED_POLICIES=true."
            )
        if self.policy == "embedded" and self.opa_url:
            raise ValueError("DIRECTORY_OPA_URL contradicts DIRECTORY_POLICY=embedded: remove one of them.")
        return self


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in an environment.

    Args:
        environment: variables by name; the process's own if None.

    Raises:
        SettingsError: a setting is unknown, missing, out of range or contradicts another.
    """
    given = os.environ if environment is None else environment
    named = {name: value for name, value in given.items() if name.upper().startswith(PREFIX) and name not in ELSEWHERE}
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    if unknown := sorted(set(named) - set(known)):
        raise SettingsError(f"There is no setting {', '.join(unknown)}. See docs/settings.md for those there are.")
    try:
        return Settings.model_validate({known[name]: value for name, value in named.items()})
    except ValidationError as error:
        raise SettingsError(" ".join(_sentence(problem) for problem in error.errors(include_url=False))) from None


def _sentence(problem: Mapping[str, object]) -> str:
    """One problem as a person would say it; never the value, which may be secret."""
    place = problem["loc"]
    name = PREFIX + str(place[0]).upper() if isinstance(place, tuple) and place else ""
    if problem["type"] == "missing":
        return f"Set {name}: {Settings.model_fields[name.removeprefix(PREFIX).lower()].description}"
    return f"{name}: {problem['msg']}.".removeprefix(": ").replace("Value error, ", "").replace("..", ".")
