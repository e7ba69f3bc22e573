"""The settings: documented as they are, read from the environment alone, and refused with a sentence."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.settings import ELSEWHERE, PREFIX, ROOT, Settings, SettingsError, read_settings

PAGE = ROOT / "docs" / "settings.md"
NEEDED = {
    "DIRECTORY_GRAPH_URI": "bolt://127.0.0.1:7687",
    "DIRECTORY_GRAPH_PASSWORD": "hush-graph",
    "DIRECTORY_STREAM_URL": "redis://:hush-stream@127.0.0.1:6379/0",
    "DIRECTORY_AUDIT_KEYS": "/keys",
    "DIRECTORY_OPA_URL": "http://127.0.0.1:8181",
    "DIRECTORY_ISSUER": "https://issuer.example",
    "DIRECTORY_JWKS": "https://issuer.example/keys",
    "DIRECTORY_UNSIGNED_POLICIES": "true",
}


def refused(**wrong: str | None) -> str:
    """What is said about an environment that is right but for these."""
    given = {**NEEDED, **{PREFIX + name.upper(): value for name, value in wrong.items()}}
    with pytest.raises(SettingsError) as caught:
        read_settings({name: value for name, value in given.items() if value is not None})
    return str(caught.value)


def shown(field: FieldInfo) -> str:
    """A setting's default as its page shows it."""
    default: Any = field.default
    if default is PydanticUndefined:
        return "needed"
    if default is None:
        return "none"
    if isinstance(default, Path):
        default = f"{default.relative_to(ROOT)}/"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_is_on_its_page() -> None:
    """docs/settings.md lists every setting with its default and its meaning, and no other."""
    rows = re.findall(r"^\| `(DIRECTORY_\w+)` \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    expected = [
        (PREFIX + name.upper(), shown(field), str(field.description)) for name, field in Settings.model_fields.items()
    ]
    assert [row for row in rows if row[0] not in ELSEWHERE] == expected
    assert {name for name, *_ in rows} - {name for name, *_ in expected} == ELSEWHERE


def test_what_is_needed_suffices() -> None:
    """With the settings that have no default, the gateway has all it needs; the rest is as documented."""
    settings = read_settings({**NEEDED, "PATH": "/bin", "DIRECTORY_DATA": "/anywhere"})
    assert settings.graph_password == SecretStr("hush-graph")
    assert (settings.host, settings.port, settings.policy) == ("127.0.0.1", 8080, "opa")


def test_the_process_is_asked_where_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an environment the settings are the process's own."""
    for name, value in {**NEEDED, "DIRECTORY_PORT": "1234"}.items():
        monkeypatch.setenv(name, value)
    assert read_settings().port == 1234


def test_settings_do_not_change() -> None:
    """Settings are frozen: what was checked at the start is what holds."""
    settings = read_settings(NEEDED)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_is_missing_is_named(name: str) -> None:
    """A setting that is needed and missing is named with what it means."""
    said = refused(**{name.removeprefix(PREFIX).lower(): None})
    assert name in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"colour": "blue"}, "There is no setting DIRECTORY_COLOUR. See docs/settings.md for those there are."),
        ({"port": "many"}, "DIRECTORY_PORT: Input should be a valid integer, unable to parse string as an integer."),
        ({"port": "65536"}, "DIRECTORY_PORT: Input should be less than or equal to 65535."),
        ({"deadline": "0"}, "DIRECTORY_DEADLINE: Input should be greater than 0."),
        ({"policy": "none"}, "DIRECTORY_POLICY: Input should be 'opa' or 'embedded'."),
        ({"policy": "embedded"}, "DIRECTORY_OPA_URL contradicts DIRECTORY_POLICY=embedded: remove one of them."),
        ({"opa_url": None}, "Set DIRECTORY_OPA_URL, or DIRECTORY_POLICY to embedded."),
        ({"opa_url": "policy:8181"}, "DIRECTORY_OPA_URL: The address must begin with http:// or https://."),
        ({"stream_url": "tcp://x"}, "DIRECTORY_STREAM_URL: The address must begin with redis:// or rediss://."),
        ({"issuer": ""}, "DIRECTORY_ISSUER: It is empty."),
    ],
)
def test_what_makes_no_sense_is_said(wrong: dict[str, str | None], said: str) -> None:
    """A setting that is unknown, out of range, of another kind or in contradiction is refused in a sentence."""
    assert refused(**wrong) == said


@pytest.mark.parametrize("address", ["", "graph:7687", "http://graph", "file:///graph"])
def test_the_graph_is_spoken_to_over_bolt(address: str) -> None:
    """An address of the graph that is not Bolt's is refused before anything is connected."""
    assert refused(graph_uri=address).startswith("DIRECTORY_GRAPH_URI: The address must begin with bolt:// or ")


@pytest.mark.parametrize("address", ["", "http://issuer.example/keys", "ftp://issuer.example/keys", "file:keys.json"])
def test_keys_are_fetched_safely(address: str) -> None:
    """An address of keys that anybody on the way could forge, or that is none, is refused."""
    assert "DIRECTORY_JWKS" in refused(jwks=address)


def test_several_mistakes_are_said_at_once() -> None:
    """Every wrong setting is named, so that one start shows them all."""
    said = refused(port="0", workers="0", issuer=None)
    assert all(name in said for name in ("DIRECTORY_PORT", "DIRECTORY_WORKERS", "DIRECTORY_ISSUER"))


def test_a_setting_in_small_letters_is_not_overlooked() -> None:
    """A name that differs from a setting's in case alone is refused, not ignored."""
    with pytest.raises(SettingsError, match="There is no setting directory_port"):
        read_settings({**NEEDED, "directory_port": "1"})


def test_secrets_are_never_shown() -> None:
    """Passwords appear neither in the settings' text nor in what is said of their mistakes."""
    assert "hush" not in repr(read_settings(NEEDED))
    assert "hush" not in refused(stream_url="tcp://:hush@x", port="0")
