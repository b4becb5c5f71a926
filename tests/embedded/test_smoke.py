"""`make smoke` in small, as a process of its own, while every service is killed once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.services import PROGRAMS

pytestmark = pytest.mark.embedded


def test_a_kill_of_every_service_loses_nothing_and_sends_nothing_twice(tmp_path: Path) -> None:
    kills = [word for second, service in enumerate(PROGRAMS, 1) for word in ("--kill", f"{service}@{second * 5}")]
    words = [sys.executable, "-m", "deploy.embedded", "smoke", "--folder", str(tmp_path), "--customers", "120", "--days", "40", "--speed", "1", *kills]

    ended = subprocess.run(words, capture_output=True, check=False, text=True, timeout=240)

    figures = json.loads(ended.stdout)
    assert (figures["lost"], figures["duplicates"]) == (0, 0), ended.stderr
    assert figures["mails"] > 0
    assert ended.stderr.count("SIGKILL") == len(PROGRAMS)
