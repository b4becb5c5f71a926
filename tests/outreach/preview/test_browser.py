"""The preview page in a real browser: both widths and both schemes, another language, and a page that follows what is saved."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from outreach.preview.serving import Preview
from playwright.async_api import Browser, Page, async_playwright, expect

from .conftest import change

PHOTOS = os.environ.get("CARELOOP_PHOTOS")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.embedded,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: the preview is not looked at"),
]
PANES = [f"{scheme}-{width}" for scheme in ("light", "dark") for width in ("desktop", "phone")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a display."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def url(playbook: Path) -> AsyncIterator[str]:
    """Where the playbook is shown."""
    async with Preview(playbook, "https://care.northwind.example").running() as address:
        yield address


Opened = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="module")
async def opened(chromium: Browser, url: str) -> AsyncIterator[Opened]:
    """Opens pages; whatever the browser complains about, and any request to elsewhere, is a failure in the end."""
    complaints: list[str] = []
    contexts = []

    async def open_page(query: str, **how: Any) -> Page:
        context = await chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **how})
        contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: None if request.url.startswith((url, "data:")) else complaints.append(f"asks for {request.url}"))
        await page.goto(url + query)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert complaints == []


async def photograph(page: Page, name: str) -> None:
    """Into the folder that CARELOOP_PHOTOS names, for people to look at."""
    if PHOTOS:
        await page.screenshot(path=Path(PHOTOS) / f"{name}.png", full_page=True)


def frame(page: Page, pane: str) -> Any:
    return page.frame_locator(f"iframe[data-pane={pane}]")


async def redness(page: Page, pane: str) -> int:
    """How red, of 255, the paper around the letter is."""
    colour = await frame(page, pane).locator("body").evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
    return int(colour)


async def test_the_letter_is_shown_in_both_widths_and_both_schemes(opened: Opened) -> None:
    page = await opened("?letter=checkin")
    await expect(page.get_by_role("heading", level=1)).to_have_text("How is Kind of Blue settling in?")
    for pane in PANES:
        await expect(frame(page, pane).get_by_text("Hi Amira,")).to_be_visible()
        assert (await redness(page, pane) > 200) is pane.startswith("light")
    widths = [await frame(page, pane).locator("body").evaluate("innerWidth") for pane in PANES]
    assert widths[1] == widths[3] == 375
    assert min(widths[0], widths[2]) > 600
    await photograph(page, "preview")


async def test_a_dark_browser_shows_the_same_four_frames(opened: Opened) -> None:
    page = await opened("?letter=checkin", color_scheme="dark")
    for pane in PANES:
        await expect(frame(page, pane).get_by_text("Hi Amira,")).to_be_visible()
        assert (await redness(page, pane) > 200) is pane.startswith("light")
    assert await page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])") < 60
    await photograph(page, "preview-dark")


async def test_another_language_customer_and_letter_are_one_choice_away(opened: Opened) -> None:
    page = await opened("?letter=checkin")
    await page.get_by_role("radio", name="de").check(force=True)
    await expect(frame(page, "light-phone").get_by_text("Hallo Amira,")).to_be_visible()
    await page.get_by_label("For", exact=True).select_option(label="checkin-after-delivery: asks once for each order, however often the carrier reports it")
    await expect(frame(page, "dark-desktop").get_by_text("Deine Bestellung")).to_be_visible()
    await page.get_by_role("link", name="recommend").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Eine Frage, zweimal im Jahr")


async def test_what_is_saved_appears_by_itself_and_a_mistake_is_explained(opened: Opened, playbook: Path) -> None:
    page = await opened("?letter=checkin")
    await page.evaluate("window.never_left = true")
    await expect(page.get_by_text("Follows what you save.")).to_be_visible()
    letter = playbook / "letters/checkin.md"

    change(letter, "Warmly,", "With the warmest of words,")
    await expect(frame(page, "light-desktop").get_by_text("With the warmest of words")).to_be_visible()

    change(letter, "customer.first_name", "costumer.first_name")
    await expect(page.get_by_role("alert")).to_contain_text('unknown name "costumer": did you mean customer?')
    await expect(page.get_by_role("alert")).to_contain_text("letters/checkin.md:6:")
    await expect(page.get_by_role("link", name="checkin")).to_contain_text("1 error")
    await expect(page.locator("iframe")).to_have_count(0)
    await photograph(page, "preview-broken")

    (playbook / "letters/checkin.de.md").unlink()
    change(letter, "costumer.first_name", "customer.first_name")
    await expect(frame(page, "light-desktop").get_by_text("With the warmest of words")).to_be_visible()
    await expect(page.get_by_label("Worth knowing")).to_contain_text("missing in de")
    assert await page.evaluate("window.never_left")


async def test_a_letter_has_no_rights_in_its_frame(chromium: Browser, url: str, playbook: Path) -> None:
    change(playbook / "letters/_brand.html", "{{ content }}", "<script>parent.document.title = 'taken'</script><p onclick=\"parent.x = 1\">{{ content }}</p>")
    context = await chromium.new_context()
    page = await context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(url) else elsewhere.append(request.url))
    await page.goto(f"{url}?letter=checkin")
    await expect(frame(page, "light-desktop").get_by_text("Hi Amira,")).to_be_visible()
    await frame(page, "light-desktop").get_by_role("link", name="Unsubscribe").click()
    await expect(frame(page, "light-desktop").get_by_text("Hi Amira,")).to_be_visible()
    assert (await page.title(), elsewhere, len(context.pages)) == ("How is Kind of Blue settling in? · preview", [], 1)
    await context.close()


async def test_the_page_can_be_used_by_keyboard_and_read_aloud(opened: Opened) -> None:
    page = await opened("?letter=checkin")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.innerText") == "Skip to the letter"
    heard = await page.locator("body").aria_snapshot()
    assert 'navigation "Letters"' in heard
    assert 'iframe "The letter in dark' in heard or "The letter in dark, on a phone" in await page.content()
    assert 'meter "Size of the HTML"' in heard


@pytest.mark.parametrize("width", [375, 800, 1300, 1920])
async def test_the_page_is_never_scrolled_sideways(opened: Opened, width: int) -> None:
    page = await opened("?letter=recommend", viewport={"width": width, "height": 800})
    await expect(frame(page, "light-phone").get_by_text("Hi Amira,")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await photograph(page, f"preview-{width}")
