"""Whom the preview page answers, and with how few rights."""

import re
from pathlib import Path

import aiohttp
import pytest
from outreach.preview.scheme import in_scheme
from outreach.preview.serving import Preview


async def answer(url: str, **headers: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.text(), response.headers.get("Content-Security-Policy", "")


async def test_the_page_runs_its_own_script_alone_and_the_letter_none(playbook: Path) -> None:
    async with Preview(playbook, "https://care.northwind.example").running() as url:
        _, page, policy = await answer(url)
        _, letter, letters_policy = await answer(f"{url}letter?letter=welcome&scheme=dark")
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?! src=)|<style| style=| on\w+=|https?://(?!care\.northwind\.example)", page)
    assert "script-src" not in letters_policy
    assert "sandbox allow-same-origin" in letters_policy
    assert "Hi Amira," in letter


async def test_a_foreign_name_for_this_machine_is_refused(playbook: Path) -> None:
    async with Preview(playbook, "https://care.northwind.example").running() as url:
        assert (await answer(url, Host="evil.example"))[0] == 421


async def test_an_unknown_letter_or_customer_becomes_the_first_one(playbook: Path) -> None:
    async with Preview(playbook, "https://care.northwind.example").running() as url:
        status, page, _ = await answer(f"{url}?letter=<script>&for=nobody&language=xx")
    first = min(path.name.partition(".")[0] for path in (playbook / "letters").glob("[a-z]*.md"))
    subject = re.split("[{\n]", (playbook / "letters" / f"{first}.md").read_text("utf-8").split("subject: ")[1])[0]
    assert status == 200
    assert f"<h1>{subject}" in page
    assert "there is no letter in xx: shown in en" in page


async def test_a_playbook_without_letters_and_full_of_mistakes_still_has_a_page(playbook: Path) -> None:
    for path in (playbook / "letters").glob("*"):
        path.unlink()
    (playbook / "policy.yaml").write_text("brand: [")
    async with Preview(playbook, "https://care.northwind.example").running() as url:
        status, page, _ = await answer(url)
    assert status == 200
    assert "elsewhere" in page


@pytest.mark.parametrize(("scheme", "dark", "light"), [("dark", "(min-width: 0)", "(max-width: 0)"), ("light", "(max-width: 0)", "(min-width: 0)")])
def test_a_scheme_answers_the_styles_questions_and_changes_no_words(scheme: str, dark: str, light: str) -> None:
    html = (
        '<head><meta name="color-scheme" content="light dark"><style>@media screen and (prefers-color-scheme: dark) {} @media ( prefers-color-scheme:light ) {}'
        "</style></head><p>(prefers-color-scheme: dark)</p>"
    )
    shown = in_scheme(html, scheme)
    assert f"@media screen and {dark} {{}} @media {light} {{}}" in shown
    assert f'content="{scheme}"' in shown
    assert "<p>(prefers-color-scheme: dark)</p>" in shown
