"""What developers read: an OpenAPI document that holds, and a page that needs nothing from elsewhere."""

import base64
import hashlib
import json
import re
import shlex
from typing import Any

import httpx
import jsonschema_rs
import pytest
from care_contracts.catalogue import FIELDS
from ingest.problems import KINDS


@pytest.fixture
async def document(shop: httpx.AsyncClient) -> Any:
    return (await shop.get("/openapi.json")).json()


@pytest.fixture
async def docs(shop: httpx.AsyncClient) -> httpx.Response:
    return await shop.get("/docs")


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own.union(*map(references, value.values()))


def test_every_reference_of_the_document_leads_somewhere(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    names = {reference.removeprefix("#/components/schemas/") for reference in references(document)}
    assert names <= set(document["components"]["schemas"])


def test_the_document_is_open_api(document: Any) -> None:
    from schemathesis import openapi  # noqa: PLC0415 # slow to import, and only this test needs it
    from schemathesis.core.result import Ok  # noqa: PLC0415 # likewise

    operations = [found.ok() for found in openapi.from_dict(document).get_all_operations() if isinstance(found, Ok)]
    assert [operation.label for operation in operations] == ["POST /v1/events", "GET /healthz", "GET /readyz"]


def test_every_example_of_the_document_fits_its_schema(document: Any) -> None:
    body = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]
    schema = {"components": document["components"], **body["schema"]}
    validator = jsonschema_rs.Draft202012Validator(schema)
    for example in body["examples"].values():
        validator.validate(example["value"])
        validator.validate([example["value"]])
    assert not validator.is_valid({"id": "1", "type": "order.placed", "subject": "c", "data": {}})
    assert validator.is_valid({"id": "1", "type": "visit.ended", "subject": "c"})
    assert {example["value"]["type"] for example in body["examples"].values()} == set(FIELDS)


def test_every_refusal_is_documented(document: Any) -> None:
    documented = set(document["paths"]["/v1/events"]["post"]["responses"])
    assert documented == {"202", "400", "401", "408", "413", "415", "422", "503"}


async def test_a_real_refusal_fits_the_documented_schema(shop: httpx.AsyncClient, document: Any) -> None:
    response = await shop.post("/v1/events", json={"tpye": 1})
    assert response.status_code == 422
    jsonschema_rs.validate(document["components"]["schemas"]["problem"], response.json())


def test_the_page_shows_every_type_with_its_fields(docs: httpx.Response) -> None:
    for event_type, fields in FIELDS.items():
        section = docs.text.split(f'id="{event_type}"')[1].split("</section>")[0]
        assert all(f"<code>{field}</code>" in section for field in fields)
        assert "curl" in section


def test_every_problem_type_is_a_place_on_the_page(docs: httpx.Response) -> None:
    assert all(f'id="{kind.slug}"' in docs.text for kind in KINDS)


def test_the_page_loads_nothing_from_elsewhere(docs: httpx.Response) -> None:
    assert not re.search(r"<(link|img|iframe|script[^>]+src|style[^>]+src)|@import|url\(", docs.text)


def test_the_page_allows_its_own_style_and_script_and_no_other(docs: httpx.Response) -> None:
    policy = docs.headers["Content-Security-Policy"]
    for tag in ("style", "script"):
        [content] = re.findall(f"<{tag}>(.*?)</{tag}>", docs.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert docs.headers.get_list("Content-Security-Policy") == [policy], "two policies would both apply"
    assert "unsafe-inline" not in policy


def test_commands_on_the_page_work_as_they_are(docs: httpx.Response) -> None:
    from html import unescape  # noqa: PLC0415 # only here

    commands = [unescape(each) for each in re.findall(r"<pre><code>(curl.*?)</code></pre>", docs.text, re.DOTALL)]
    assert len(commands) == len(FIELDS) + 2
    for command in commands:
        words = shlex.split(command.replace("\\\n", " "))
        assert words[:3] == ["curl", "-sS", "http://care.example/v1/events"]
        assert json.loads(words[-1])["id"]


async def test_commands_can_be_posted_and_the_broken_one_is_refused(shop: httpx.AsyncClient, docs: httpx.Response) -> None:
    from html import unescape  # noqa: PLC0415 # only here

    bodies = [unescape(each) for each in re.findall(r"-d &#39;({.*?})&#39;</code>", docs.text, re.DOTALL)]
    answers = [(await shop.post("/v1/events", content=body.encode(), headers={"Content-Type": "application/json"})).status_code for body in bodies[:2]]
    assert answers == [202, 422]


async def test_a_hostile_host_name_stays_text(shop: httpx.AsyncClient) -> None:
    page = (await shop.get("/docs", headers={"Host": 'x"><script>alert(1)</script>'})).text
    assert "<script>alert" not in page


async def test_the_root_leads_to_the_page(shop: httpx.AsyncClient) -> None:
    response = await shop.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "/docs")
