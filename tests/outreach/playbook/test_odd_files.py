"""Whatever bytes lie in the folder: each odd file is a clear finding, soon, and never a crash."""

import time
from typing import Any

import pytest
from outreach.playbook.load import load_files

# The bytes of a rule's file, and the finding that must come of them: code, line, column, some of its words.
ODD = {
    "aliases that multiply": (b"a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n", "C024", 1, 4, "anchors"),
    "an alias to nothing": (b"why: *why\n", "C024", 1, 6, "anchors"),
    "a merge key": (b"<<: *x\n", "C024", 1, 5, "anchors"),
    "a tag that makes an object": (b"why: !!python/object:os.system x\n", "C024", 1, 6, "tags"),
    "brackets in one line": (b"[" * 50_000, "C024", 1, 1, "deeper"),
    "brackets in many lines": ((b"{" * 390 + b"\n") * 600, "C024", 1, 41, "deeper"),
    "indents": ("\n".join(" " * depth + "a:" for depth in range(600)).encode(), "C024", 41, 41, "deeper"),
    "dashes": (b"- " * 50_000, "C024", 1, 81, "deeper"),
    "question marks": (b"? " * 50_000, "C024", 1, 81, "deeper"),
    "more values than anybody writes": (b"[" + b"1," * 120_000 + b"]", "C024", 1, 40_000, "20000 values"),
    "a second document": (b"id: hello\n---\nid: other\n", "C024", 2, 1, "second document"),
    "a template without quotes": (b"why: {{ reason }}\n", "C024", 1, 7, "quotes"),
    "300 KB": (b"why: " + b"x" * 300_000, "C001", 1, 1, "256 KB"),
    "one huge line": (b"why: " + b"x y " * 60_000, "C003", 1, 1, "is missing"),
    "a number of 200,000 digits": (b"id: " + b"9" * 200_000, "C004", 1, 5, "a text"),
    "a condition of 100,000 brackets": (b"when: {event: order.placed, if: '" + b"(" * 100_000 + b"'}\n", "C007", 1, 34, "4000 characters"),
    "a condition that says no 3,000 times": (b"when: {event: order.placed, if: '" + b"!" * 3000 + b"true'}\n", "C003", 1, 1, "is missing"),
    "a quote that is never closed": (b"why: 'x\n" + b"y\n" * 100_000, "C001", 1, 6, "closing quote"),
    "a bracket that is never closed": (b"when: {event: order.placed\n", "C001", 1, 7, "closing"),
    "a NUL": (b"id: hello\nwhy: a\x00b\n", "C001", 2, 7, "does not allow"),
    "binary": (b"\x00\x01\x02", "C001", 1, 1, "does not allow"),
    "tabs": (b"when:\n\tevent: order.placed\n", "C001", 2, 1, "a tab"),
    "another encoding": ("why: Gr\u00fc\u00dfe\n".encode("latin-1"), "C001", 1, 1, "cannot be read"),
    "UTF-16": ("why: Hi\n".encode("utf-16"), "C001", 1, 1, "cannot be read"),
    "a byte order mark and an unknown key": (b"\xef\xbb\xbfpurpos: care\n", "C002", 1, 1, "purpos"),
    "lines ended as on Windows": (b"id: hello\r\npurpos: care\r\n", "C002", 2, 1, "purpos"),
    "nothing": (b"", "C003", 1, 1, "is missing"),
    "a list": (b"- a\n- b\n", "C004", 1, 1, "a mapping"),
    "a word": (b"hello\n", "C004", 1, 1, "a mapping"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_a_clear_finding_and_soon(name: Any) -> None:
    content, code, line, column, words = ODD[name]
    began = time.process_time()
    found = [problem for problem in load_files({"rules/hello.yaml": content}).errors if problem.file == "rules/hello.yaml"]
    assert time.process_time() - began < 3
    assert [problem for problem in found if (problem.code, problem.line, problem.column) == (code, line, column) and words in problem.message], found


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_what_editors_do_to_a_letter_changes_nothing(before: Any, ending: Any) -> None:
    letter = before + ending.join([b"---", b"subject: Hi", b"preheader: Hi", b"---", b"Hi!", b""])
    assert "hi" in load_files({"letters/hi.md": letter}).letters.letters
