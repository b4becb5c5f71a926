"""Settings: from CARE_* variables, secrets also from files, mistakes told without repeating a secret."""

from pathlib import Path

import pytest
from care_contracts.settings import CareSettings, LinkSettings
from pydantic import ValidationError

SECRETS = {
    "CARE_LINK_KEYS": "1:a-secret-of-some-length",
    "CARE_SUPPRESSION_KEY": "another-secret-of-some-length",
    "CARE_DATABASE_URL": "sqlite:////tmp/care.db",
}


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARE_KAFKA", "broker:9092")
    assert CareSettings.model_validate({}).kafka == "broker:9092"


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "keys").write_text("2:from-a-file-of-some-length\n")
    monkeypatch.setenv("CARE_LINK_KEYS_FILE", str(tmp_path / "keys"))
    assert LinkSettings.model_validate({}).link_keys.get_secret_value() == "2:from-a-file-of-some-length"


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    assert "secret-of" not in repr(LinkSettings.model_validate({}))


def test_a_mistake_is_told_without_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CARE_SUPPRESSION_KEY", "tooshort")
    with pytest.raises(ValidationError) as refused:
        LinkSettings.model_validate({})
    assert "suppression_key" in str(refused.value)
    assert "tooshort" not in str(refused.value)


def test_settings_cannot_change_later() -> None:
    with pytest.raises(ValidationError):
        CareSettings.model_validate({}).partitions = 3
