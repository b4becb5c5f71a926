"""Letters written in a test and what is known about a customer."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from outreach.core.policy import Brand
from outreach.letters import Letters, Rendered, letters_from

BRAND = Brand("Northwind Records", "care@northwind.example", "hello@northwind.example", "1 Canal Street, Leeds")
Known = dict[str, Any]
Render = Callable[..., Rendered]
LINKS = {use: f"https://care.northwind.example/{use[0]}/token" for use in ("survey", "unsubscribe", "preferences")}


def written(**letters: str) -> Letters:
    """Letters from bodies or whole files; `checkin_de` is letters/checkin.de.md."""
    texts = {f"letters/{name.replace('_', '.')}.md": text if text.startswith("---") else f"---\nsubject: Hello\n---\n{text}" for name, text in letters.items()}
    return letters_from(texts, BRAND, ("en", "de"), "en")


@pytest.fixture
def known() -> Known:
    """What the courier hands over with a letter."""
    return {"customer": {"first_name": "Ada"}, "event": {"order_id": "A1", "product_name": "Kind of Blue"}, "links": LINKS, "purpose": "care"}


@pytest.fixture
def render(known: Known) -> Render:
    """Renders one letter written in the test, for Ada unless told otherwise."""

    def rendered(text: str, **more: Mapping[str, Any]) -> Rendered:
        letters = written(note=text)
        assert letters.problems == ()
        return letters.render("note", "en", {**known, **more})

    return rendered
