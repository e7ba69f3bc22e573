"""A data folder as the commands see it: where its engines answer, and the settings of a gateway on top of them."""

import os
from pathlib import Path

from audit.keys import make_keys
from gateway import signers
from gateway.engines.folder import read_engines
from gateway.engines.model import Engines
from gateway.issuer import AUDIENCE, DemoIssuer
from gateway.settings import ROOT, Settings, read_settings

VARIABLE = "DIRECTORY_DATA"
"""Names the data folder where ``--data`` does not."""
DEMO = ROOT / ".data" / "demo"
STACK = ROOT / ".data" / "stack"


def data_folder(given: Path | None, otherwise: Path) -> Path:
    """The data folder: as given, else as the environment says, else the usual one."""
    return (given or Path(os.environ.get(VARIABLE) or otherwise)).expanduser().resolve()


def environment_of(data: Path, engines: Engines) -> dict[str, str]:
    """The environment in which a gateway runs on a data folder's engines, trusting the folder's own issuer."""
    issuer, keys = DemoIssuer(data), data / "keys"
    make_keys(keys, "directory.example")
    policy = {"DIRECTORY_OPA_URL": engines.opa_url} if engines.opa_url else {"DIRECTORY_POLICY": "embedded"}
    return {
        "DIRECTORY_GRAPH_URI": engines.graph_uri,
        "DIRECTORY_GRAPH_USER": engines.graph_user,
        "DIRECTORY_GRAPH_PASSWORD": engines.graph_password,
        "DIRECTORY_STREAM_URL": engines.stream_url,
        "DIRECTORY_AUDIT_KEYS": str(keys),
        "DIRECTORY_AUDIT_ARCHIVE": str(data / "archive"),
        "DIRECTORY_AUDIT_KEYSTORE": str(data / "keystore.sqlite"),
        "DIRECTORY_ISSUER": issuer.name,
        "DIRECTORY_AUDIENCE": AUDIENCE,
        "DIRECTORY_JWKS": issuer.jwks_url,
        **policy,
        **signers.environment_of(data),
    }


def settings_of(data: Path, engines: Engines | None = None, **more: object) -> Settings:
    """The settings of a gateway on a data folder's engines.

    Raises:
        EngineError: nothing runs there.
    """
    known = environment_of(data, engines or read_engines(data))
    named = {name.removeprefix("DIRECTORY_").lower(): value for name, value in known.items()}
    return Settings.model_validate({**named, **more})


def chosen_settings(data: Path | None, *, settings: bool) -> Settings:
    """What a command runs with: the settings of the environment, or those of a data folder.

    Args:
        data: the data folder, if one was given.
        settings: whether the environment's are meant.

    Raises:
        EngineError: nothing runs in the data folder.
        SettingsError: the environment's settings do not make sense.
    """
    return read_settings() if settings else settings_of(data_folder(data, DEMO))
