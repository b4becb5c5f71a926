"""The catcher's web side."""

import pytest
from httpx import ASGITransport, AsyncClient, Response

from deploy.embedded.catcher.mailbox import Mailbox
from deploy.embedded.catcher.web import application

HTML = (
    b"From: care@n.example\r\nTo: ada@mail.example\r\nSubject: Hi\r\nMessage-ID: <1@n.example>\r\nContent-Type: text/html\r\n\r\n"
    b"<script>alert(1)</script><a href='http://x.example/s/1'>go</a>\r\n"
)


@pytest.fixture
def box() -> Mailbox:
    box = Mailbox()
    box.put(HTML, ["ada@mail.example"], 12.5)
    return box


async def get(box: Mailbox, path: str) -> Response:
    async with AsyncClient(transport=ASGITransport(application(box)), base_url="http://inbox") as client:
        return await client.get(path)


async def test_the_list_tells_what_the_driver_needs(box: Mailbox) -> None:
    answer = (await get(box, "/api/messages?after=0")).json()
    assert answer["total"] == 1
    assert answer["messages"][0] == {
        "number": 1,
        "arrived": 12.5,
        "message_id": "<1@n.example>",
        "from": "care@n.example",
        "to": "ada@mail.example",
        "subject": "Hi",
        "size": len(HTML),
        "deliveries": 1,
    }


async def test_one_mail_comes_with_headers_text_html_source_and_links(box: Mailbox) -> None:
    answer = (await get(box, "/api/messages/1")).json()
    assert answer["links"] == ["http://x.example/s/1"]
    assert answer["raw"].encode() == HTML
    assert ["Subject", "Hi"] in answer["headers"]


async def test_a_mail_can_run_no_script_and_reach_no_network(box: Mailbox) -> None:
    policy = (await get(box, "/api/messages/1/html")).headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("path", "status"), [("/api/messages/2", 404), ("/api/messages?after=x", 400), ("/web.py", 404), ("/healthz", 200), ("/inbox.js", 200)]
)
async def test_what_is_asked_wrongly_is_said_to_be_wrong(box: Mailbox, path: str, status: int) -> None:
    assert (await get(box, path)).status_code == status


async def test_the_page_takes_nothing_from_the_internet(box: Mailbox) -> None:
    texts = [(await get(box, path)).text for path in ("/", "/inbox.css", "/inbox.js")]
    assert not any("https://" in text for text in texts)
