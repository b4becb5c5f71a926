"""Links: what a genuine one opens, what any other gets, and that following one never changes anything."""

import asyncio
import base64

import httpx
import pytest
from care_contracts.clock import DAY_MS
from care_contracts.links import Use
from care_contracts.suppression import EVERYTHING
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.feedback.stage import KEYS, NOW, Service, letter

DOORS = {"s": Use.SURVEY, "u": Use.UNSUBSCRIBE, "p": Use.PREFERENCES}
FORM = {"score": "4", "List-Unsubscribe": "One-Click", "wanted": "promotion"}
_shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


def spoilt(token: str, at: int, bits: int) -> str:
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[at % len(raw)] ^= bits
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@_shared
@given(door=st.sampled_from("sup"), method=st.sampled_from(["GET", "HEAD"]), query=st.text(max_size=20), rest=st.sampled_from(["", "/", "/x"]))
async def test_following_a_link_changes_nothing(service: Service, client: httpx.AsyncClient, door: str, method: str, query: str, rest: str) -> None:
    await service.writes(letter())
    url = service.link(DOORS[door], letter()) + rest

    await client.request(method, url, params={"score": query, **FORM})

    assert service.topic.events == []
    assert await service.outbox.waiting() == 0
    assert await service.stopped("care", EVERYTHING) == []


@_shared
@given(door=st.sampled_from("sup"), method=st.sampled_from(["GET", "POST"]), at=st.integers(0, 37), bits=st.integers(1, 255))
async def test_a_changed_link_opens_nothing(service: Service, client: httpx.AsyncClient, door: str, method: str, at: int, bits: int) -> None:
    await service.writes(letter())
    token = KEYS.sign(DOORS[door], letter().command_id, NOW + DAY_MS)

    page = await client.request(method, f"/{door}/{spoilt(token, at, bits)}", data=FORM if method == "POST" else None)

    assert page.status_code == 404
    assert service.topic.events == []
    assert await service.stopped("care", EVERYTHING) == []


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("use", DOORS.values())
async def test_a_link_opens_only_the_door_it_was_made_for(service: Service, client: httpx.AsyncClient, door: str, use: Use) -> None:
    await service.writes(letter())
    token = KEYS.sign(use, letter().command_id, NOW + DAY_MS)

    page = await client.get(f"/{door}/{token}")

    assert page.status_code == (200 if DOORS[door] is use else 404)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_old_link_is_told_kindly(service: Service, client: httpx.AsyncClient, door: str, method: str) -> None:
    await service.writes(letter())
    link = service.link(DOORS[door], letter())
    service.hands.seconds += 91 * 86_400

    page = await client.request(method, link, data=FORM if method == "POST" else None)

    assert page.status_code == 410
    assert "a person will help you" in page.text
    assert service.topic.events == []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_click_before_its_letter_is_known_waits_for_it(service: Service, client: httpx.AsyncClient, method: str) -> None:
    click = asyncio.create_task(client.request(method, service.link(Use.SURVEY, letter()), data=FORM if method == "POST" else None))
    await asyncio.sleep(0.1)
    assert not click.done()

    await service.writes(letter())

    assert (await click).status_code == 200


async def test_a_letter_that_stays_unknown_is_asked_for_again(service: Service, client: httpx.AsyncClient) -> None:
    page = await client.get(service.link(Use.SURVEY, letter()))

    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "You were quicker than we were" in page.text


@pytest.mark.parametrize("path", ["/", "/s/", "/s/x", "/favicon.ico", "/../etc/passwd", "/s/%00", "/u/" + "A" * 51])
async def test_every_other_path_is_a_page_that_says_so(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)

    assert page.status_code == 404
    assert "We cannot find this page" in page.text


@pytest.mark.parametrize("door", DOORS)
async def test_no_page_tells_who_was_written_to_or_lets_others_see_the_link(service: Service, client: httpx.AsyncClient, door: str) -> None:
    await service.writes(letter())

    page = await client.get(service.link(DOORS[door], letter()))

    assert "ada" not in page.text.lower()
    assert "set-cookie" not in page.headers
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in page.text
    assert "src=" not in page.text
    assert "http://" not in page.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page.text
