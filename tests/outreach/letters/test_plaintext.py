"""The text part reads as if somebody had typed it."""

from outreach.letters.plaintext import WIDTH, fold

from .conftest import Render

MARKDOWN = """# Hello

One *two* **three** `four`
five.\\
Six

- first [link](https://x.example/a)
- second
  - inner

1. one
2. two

> said
> she

    code  here

---

<https://x.example> and ![picture](https://x.example/p.png)
"""

TEXT = """Hello

One two three four five.
Six

- first link (https://x.example/a)
- second
  - inner

1. one
2. two

> said she

    code  here

* * *

https://x.example and picture
"""


def test_markdown_becomes_plain_text(render: Render) -> None:
    assert render(MARKDOWN).text.split("\n---\n")[0] == TEXT


def test_long_lines_are_folded_between_words_with_their_indent() -> None:
    folded = fold(f"- {'word ' * 30}\n> {'said ' * 30}\n{'plain ' * 30}")
    lines = folded.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert [line[:4] for line in lines] == ["- wo", "  wo", "  wo", "> sa", "> sa", "> sa", "plai", "plai", "plai"]
    assert folded.split().count("word") == 30


def test_addresses_are_never_broken() -> None:
    address = "https://x.example/" + "a" * 100
    assert address in fold(f"please see {address} and tell us what you think about it, will you").splitlines()
