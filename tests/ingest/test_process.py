"""The real process: it lives without a broker, ends in peace, and its command makes keys."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from ingest.keys import api_keys, new_key

KEY, ENTRY = new_key("shop")


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    """Ingest on a free port, without a broker."""
    environment = {"CARE_KAFKA": "127.0.0.1:1", "CARE_HTTP_PORT": "0", "CARE_API_KEYS": ENTRY, "PYTHONPATH": ":".join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-m", "ingest"], env=environment, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)["event"]
        if "running on" in event:
            return str(event.split()[3])
    raise AssertionError("ended before it listened")


def test_without_a_broker_it_lives_answers_and_ends_when_asked(process: subprocess.Popen[str]) -> None:
    base = address(process)
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=base, headers=headers) as shop:
        assert shop.get("/healthz").status_code == 200
        assert shop.get("/readyz").status_code == 503
        assert shop.post("/v1/events", json={"id": "1", "type": "a.b", "subject": "c"}).status_code == 503
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) in (0, -signal.SIGTERM)
    assert process.stdout is not None
    assert all(json.loads(line) for line in process.stdout)


def test_the_command_prints_a_key_and_its_entry() -> None:
    done = subprocess.run([sys.executable, "-m", "ingest", "new-key", "shop"], check=True, capture_output=True, text=True)
    key, entry = (line.split()[-1] for line in done.stdout.splitlines())
    assert api_keys(entry).name_of({"x-api-key": key}) == "shop"


@pytest.mark.parametrize("words", [["new-key"], ["new-key", "No Name"], ["serve"]])
def test_a_wrong_command_is_refused_with_words(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "ingest", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "usage" in done.stderr or "expected" in done.stderr
