"""`care preview` as it is typed."""

import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

SHIPPED = Path(__file__).parents[3] / "playbook"


def care(*words: Any) -> Any:
    return subprocess.run([sys.executable, "-m", "outreach.cli", *map(str, words)], capture_output=True, text=True, check=False)


def test_everything_about_a_letter_is_printed() -> None:
    done = care("preview", "checkin", "--playbook", SHIPPED)
    assert done.returncode == 0
    assert done.stdout.startswith("Subject:   How is Kind of Blue settling in?\nPreheader: One tap is enough")
    for part in (
        "\nFrom: Northwind Records <care@northwind.example>\n",
        "\nReply-To: hello@northwind.example\n",
        "\nHi Amira,\n",
        "<!DOCTYPE html>",
        "link signed http",
    ):
        assert part in done.stdout
    assert "whole mail" in done.stdout


def test_one_part_alone_in_another_language_can_be_piped_on() -> None:
    done = care("preview", "checkin", "--playbook", SHIPPED, "--part", "text", "--language", "de")
    assert done.stdout.startswith("Hallo Amira,\n")
    assert "written in de" in done.stderr


def test_an_unknown_letter_comes_with_a_suggestion() -> None:
    done = care("preview", "chekin", "--playbook", SHIPPED)
    assert (done.returncode, done.stdout) == (2, "")
    assert 'there is no letter "chekin": did you mean "checkin"?' in done.stderr


def test_a_letter_with_a_mistake_shows_the_finding_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "playbook"
    shutil.copytree(SHIPPED, folder)
    letter = folder / "letters/checkin.md"
    letter.write_text(letter.read_text().replace("customer.first_name", "costumer.first_name"))
    done = care("preview", "checkin", "--playbook", folder)
    assert done.returncode == 1
    assert 'letters/checkin.md:6:7 error C015 unknown name "costumer": did you mean customer?' in done.stderr


def test_a_letter_that_lacks_a_value_for_this_customer_says_which_and_where(tmp_path: Path) -> None:
    folder = tmp_path / "playbook"
    shutil.copytree(SHIPPED, folder)
    letter = folder / "letters/checkin.md"
    letter.write_text(letter.read_text().replace('customer.first_name | default("there")', "answer.comment"))
    ada = tmp_path / "ada.json"
    ada.write_text(json.dumps({"language": "en"}))
    done = care("preview", "checkin", "--playbook", folder, "--as", ada)
    assert (done.returncode, done.stdout) == (1, "")
    assert "letters/checkin.md:6: expected a value for answer.comment, got none" in done.stderr


@pytest.mark.parametrize(("content", "expected"), [("{", "expected JSON"), ("[]", "expected 1 to 10000 events"), (None, "No such file")])
def test_a_customer_file_that_is_none_is_said_so(tmp_path: Path, content: str | None, expected: str) -> None:
    file = tmp_path / "ada.json"
    if content is not None:
        file.write_text(content)
    done = care("preview", "checkin", "--playbook", SHIPPED, "--as", file)
    assert done.returncode == 2
    assert expected in done.stderr


def test_a_page_is_served_until_it_is_ended() -> None:
    words = ["preview", "welcome", "--playbook", str(SHIPPED), "--open", "--no-browser"]
    with subprocess.Popen([sys.executable, "-m", "outreach.cli", *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(url) as page:  # noqa: S310 - the address that our own process printed
            assert "Amira" in page.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
