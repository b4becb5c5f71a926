"""The pages in a real browser: by keyboard alone, without scripts, in the dark, on a phone."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from care_contracts.links import Use
from feedback.app import web_server
from playwright.async_api import Browser, Page, async_playwright

from tests.feedback.stage import Service, letter
from tests.waiting import until

PHOTOS = os.environ.get("CARELOOP_PHOTOS")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.embedded,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: the pages are not looked at"),
]

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}


@pytest_asyncio.fixture(loop_scope="module")
async def url(service: Service) -> AsyncIterator[str]:
    """Where the service is served."""
    server = web_server(service.app, "127.0.0.1", 0)
    task = asyncio.create_task(server.serve())
    await until(lambda: asyncio.sleep(0, server.started))
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a display."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield browser
        await browser.close()


async def opened(chromium: Browser, address: str, **how: Any) -> Page:
    """A page on which anything that the browser complains about is a failure."""
    context = await chromium.new_context(**{"java_script_enabled": False, **how})
    page = await context.new_page()
    page.on(
        "console",
        lambda message: pytest.fail(f"the browser says: {message.text}") if message.type == "error" and "the server responded" not in message.text else None,
    )
    page.on("request", lambda request: pytest.fail(f"asks for {request.url}") if not request.url.startswith((address[:20], "data:")) else None)
    await page.goto(address)
    return page


async def photograph(page: Page, name: str) -> None:
    """Into the folder that CARELOOP_PHOTOS names, for people to look at."""
    if PHOTOS:
        await page.screenshot(path=Path(PHOTOS) / f"{name}.png", full_page=True)


async def focused(page: Page) -> str:
    """What has the focus, by id, name or text."""
    return str(await page.evaluate("(e => e.id || e.name || e.innerText)(document.activeElement)"))


async def test_the_keyboard_alone_answers(service: Service, chromium: Browser, url: str) -> None:
    await service.writes(letter())
    page = await opened(chromium, url + service.link(Use.SURVEY, letter()), java_script_enabled=True)

    await page.keyboard.press("Tab")
    assert await focused(page) == "score-1"
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    outline = await page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle")
    assert outline == "solid"
    await photograph(page, "focus")
    await page.keyboard.press("Tab")
    await page.keyboard.type("By keyboard")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=room for us to do better")

    assert [(event.data["score"], event.data["comment"]) for event in service.topic.events] == [(3, "By keyboard")]


async def test_a_link_from_the_letter_and_one_press_are_enough_without_scripts(service: Service, chromium: Browser, url: str) -> None:
    await service.writes(letter())
    page = await opened(chromium, url + service.link(Use.SURVEY, letter()) + "?score=5")

    await page.get_by_role("button", name="Send my answer").click()
    await page.get_by_role("heading", name="makes our day").wait_for()
    await photograph(page, "thanks")

    assert [event.data["score"] for event in service.topic.events] == [5]


async def test_what_a_screen_reader_says(service: Service, chromium: Browser, url: str) -> None:
    await service.writes(letter())
    page = await opened(chromium, url + service.link(Use.SURVEY, letter()) + "?score=2")

    heard = await page.locator("body").aria_snapshot()

    assert 'group "All in all, how was it?"' in heard
    assert 'radio "Not so good" [checked]' in heard
    assert 'radio "Very good"' in heard
    assert 'textbox "Would you like to tell us more? (optional)"' in heard
    assert 'button "Send my answer"' in heard


async def test_a_recommendation_reads_its_ends_aloud(service: Service, chromium: Browser, url: str) -> None:
    await service.writes(letter(survey="nps"))
    page = await opened(chromium, url + service.link(Use.SURVEY, letter(survey="nps")))

    heard = await page.locator("body").aria_snapshot()

    assert 'radio "0 Not at all"' in heard
    assert 'radio "10 Very likely"' in heard


async def test_a_missing_answer_takes_the_focus_to_what_is_missing(service: Service, chromium: Browser, url: str) -> None:
    await service.writes(letter())
    page = await opened(chromium, url + service.link(Use.SURVEY, letter()), java_script_enabled=True)

    await page.get_by_role("button", name="Send my answer").click()
    await page.wait_for_selector("#problems")
    await page.wait_for_function("document.activeElement.id == 'problems'")
    await photograph(page, "problems")
    assert (await page.title()).startswith("Please check: ")

    await page.get_by_role("link", name="Please choose the answer").click()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Send my answer").click()
    await page.get_by_role("heading", name="Thank you for telling us").wait_for()
    await photograph(page, "thanks-low")


async def test_every_target_is_large_enough_for_a_finger(service: Service, chromium: Browser, url: str) -> None:
    await service.writes(letter("A1", survey="nps"))
    await service.writes(letter("A2"))

    for order in ("A1", "A2"):
        page = await opened(chromium, url + service.link(Use.SURVEY, letter(order)), **PHONE)
        boxes = [await tile.bounding_box() for tile in await page.locator("label.tile, button").all()]

        assert min(min(box["width"], box["height"]) for box in boxes if box) >= 44


@pytest.mark.parametrize("language", ["en", "de"])
async def test_no_page_has_to_be_scrolled_sideways(service: Service, chromium: Browser, url: str, language: str) -> None:
    command = letter(survey="nps", language=language)
    await service.writes(command)
    page = await opened(chromium, url, java_script_enabled=True)

    for use in (Use.SURVEY, Use.UNSUBSCRIBE, Use.PREFERENCES):
        await page.goto(url + service.link(use, command))
        for width in (320, 360, 540, 768, 1280):
            await page.set_viewport_size({"width": width, "height": 600})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_unsubscribing_and_choosing_again_without_scripts(service: Service, chromium: Browser, url: str) -> None:
    await service.writes(letter(purpose="promotion"))
    page = await opened(chromium, url + service.link(Use.UNSUBSCRIBE, letter(purpose="promotion")))
    await photograph(page, "unsubscribe")
    await page.get_by_role("button", name="Unsubscribe").click()
    await page.get_by_role("heading", name="Done").wait_for()
    await photograph(page, "unsubscribed")
    assert await service.stopped("promotion") == ["promotion"]

    await page.get_by_role("link", name="Choose what you hear from us").click()
    await page.get_by_role("checkbox", name="Offers").check()
    await page.get_by_role("button", name="Save my choice").click()
    await page.get_by_role("status").wait_for()
    await photograph(page, "preferences")

    assert await service.stopped("promotion") == []
    assert [event.data["granted"] for event in service.topic.events] == [False, True]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_follow_the_customers_light(chromium: Browser, url: str, scheme: str) -> None:
    page = await opened(chromium, url, color_scheme=scheme, java_script_enabled=True)

    red = await page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")

    assert (red > 200) is (scheme == "light")


@pytest.mark.skipif(not PHOTOS, reason="set CARELOOP_PHOTOS to a folder to see every page in light, dark and on a phone")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_photographed(service: Service, chromium: Browser, url: str, scheme: str) -> None:
    assert PHOTOS
    await service.writes(letter("A1", language="de"))
    await service.writes(letter("A2", survey="nps"))
    faces, numbers = (service.link(Use.SURVEY, letter(order)) for order in ("A1", "A2"))
    paths = {"faces": f"{faces}?score=4", "numbers": f"{numbers}?score=9", "choices": service.link(Use.PREFERENCES, letter("A2")), "nowhere": "/nowhere"}

    for name, path in paths.items():
        await photograph(await opened(chromium, url + path, color_scheme=scheme), f"{scheme}-{name}")
        await photograph(await opened(chromium, url + path, color_scheme=scheme, **PHONE), f"{scheme}-{name}-phone")
        assert all((Path(PHOTOS) / f"{scheme}-{name}{tail}.png").stat().st_size > 1000 for tail in ("", "-phone"))
