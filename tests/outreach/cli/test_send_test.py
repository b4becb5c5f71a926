"""`care send-test` as it is typed, against a real mail server in this process."""

import asyncio
import json
import os
import shutil
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from deploy.mail.scripted import DROP, Script, scripted

SHIPPED = Path(__file__).parents[3] / "playbook"


async def care(*words: Any, port: int = 1, **environment: str) -> tuple[int, str, str]:
    """The exit code and what was said."""
    told = {
        **os.environ,
        "CARE_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "CARE_SMTP_TIMEOUT": "10",
        "CARE_PUBLIC_URL": "https://care.northwind.example",
        **environment,
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "outreach.cli", *map(str, words), env=told, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


async def test_a_marked_copy_goes_through_the_real_mail_path(tmp_path: Path) -> None:
    ada = tmp_path / "ada.json"
    ada.write_text(json.dumps({"email": "ada@example.org", "first_name": "Ada", "language": "de"}))
    async with scripted() as server:
        words = ("send-test", "checkin", "--to", "me@northwind.example", "--playbook", SHIPPED, "--as", ada)
        said = [await care(*words, port=server.port) for _ in range(2)]
        assert said == [(0, "sent: the mail server took a test copy of checkin\n", "")] * 2
        first, second = map(parsed, server.inbox)
    assert "RCPT TO:<me@northwind.example>" in server.verbs
    assert (first["To"], first["From"]) == ("me@northwind.example", "Northwind Records <care@northwind.example>")
    assert first["Subject"].startswith("[Test] ")
    assert first["X-Careloop-Test"] == "yes"
    assert first["Message-ID"] != second["Message-ID"]
    body = first.get_body(("plain",))
    assert body
    assert "Hallo Ada," in body.get_content()
    assert b"ada@example.org" not in b"".join(server.inbox)


async def test_an_address_outside_of_the_safety_net_is_refused_before_anything_is_connected(tmp_path: Path) -> None:
    folder = tmp_path / "playbook"
    shutil.copytree(SHIPPED, folder)
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("send_only_to: []", 'send_only_to: ["*@northwind.example"]'))
    async with scripted() as server:
        code, _, said = await care("send-test", "checkin", "--to", "ada@example.org", "--playbook", folder, port=server.port)
        assert (code, server.connections) == (1, 0)
        assert said == "not sent: policy's send_only_to does not contain the address\n"
        assert (await care("send-test", "checkin", "--to", "me@northwind.example", "--playbook", folder, port=server.port))[0] == 0


@pytest.mark.parametrize(
    ("script", "expected"),
    [({"RCPT": "550 5.1.1 nobody here"}, "not sent: "), ({"DOT": DROP}, "perhaps sent: "), ({"MAIL": "451 4.3.0 later"}, "not sent: ")],
)
async def test_what_the_mail_server_does_is_told(script: Script, expected: str) -> None:
    async with scripted(script) as server:
        code, _, said = await care("send-test", "checkin", "--to", "me@northwind.example", "--playbook", SHIPPED, port=server.port)
    assert code == 1
    assert said.startswith(expected)
    assert "me@" not in said


async def test_a_server_that_is_away_or_misnamed_is_said_so_at_once() -> None:
    words = ("send-test", "checkin", "--to", "me@northwind.example", "--playbook", SHIPPED)
    code, _, said = await care(*words, port=1)
    assert (code, "not sent: mail server not reachable" in said) == (1, True)
    code, _, said = await care(*words, CARE_SMTP_URL="https://mail.example")
    assert (code, "CARE_SMTP_URL: expected smtp://" in said) == (2, True)


@pytest.mark.parametrize("address", ["nobody", "a b@example.org", "x@y.example>\r\nRCPT TO:<z@example.org"])
async def test_what_is_no_address_is_refused(address: str) -> None:
    code, _, said = await care("send-test", "checkin", "--to", address, "--playbook", SHIPPED)
    assert (code, "expected local-part@domain" in said, address in said) == (1, True, False)


async def test_an_unknown_letter_comes_with_a_suggestion() -> None:
    code, _, said = await care("send-test", "chekin", "--to", "me@northwind.example", "--playbook", SHIPPED)
    assert (code, 'did you mean "checkin"?' in said) == (2, True)
