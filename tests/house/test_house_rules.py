"""Each house rule bites on a file that breaks just that rule, and leaves a tidy file in peace."""

import ast
import subprocess
from pathlib import Path

import pytest

from deploy.house import edges, lengths, names, texts
from deploy.house.sources import Source, project

TIDY = '"""Lives here: greetings."""\n\n\ndef greet() -> str:\n    return "hello"\n'
# Put together here, so that this file itself keeps the rules that it tests.
HOST = "{}.org".format("pypi")
FOLDER = "/{}/secret".format("root")


def product(body: str = "", path: str = "services/x/x/letters.py") -> Source:
    return Source(path, TIDY + body)


def function(lines: int, name: str = "greet_again") -> str:
    return f"\n\ndef {name}() -> None:\n" + "    print()\n" * (lines - 1)


SHORT = [product(), product(), product()]


def test_a_tidy_file_breaks_no_rule() -> None:
    sources = [product()]

    assert [problem for rule in (lengths, names, texts, edges) for problem in rule.check(sources)] == []


@pytest.mark.parametrize(
    ("rule", "source", "says"),
    [
        (lengths, product("\n" * 300), "at most 300 lines, got 305"),
        (lengths, product("\n" * 56, "services/x/x/__main__.py"), "at most 60 lines, got 61"),
        (lengths, product(function(41)), "greet_again() in at most 40 lines, got 41"),
        (names, product(function(2, "letter_helper")), 'got "letter_helper"'),
        (names, product("\n\nclass LetterManager:\n    pass\n"), 'got "LetterManager"'),
        (names, product(function(2, "process_data")), 'got "process_data"'),
        (names, product(path="tests/outreach/utils.py"), 'got "utils"'),
        (names, product(path="services/x/common/letters.py"), 'got "common"'),
        (names, Source("services/x/x/letters.py", "WORDS = 3\n"), "expected the module to open with a sentence"),
        (texts, Source("README.md", f"see https://{HOST}/simple"), f'names "{HOST}"'),
        (texts, Source("docker-compose.yml", f"volumes: [{FOLDER}:/data]"), "a folder of one machine"),
        (edges, product('\nURL = os.environ["URL"]\n'), "os.environ"),
        (edges, product("\nNOW = datetime.now(UTC)\n"), "datetime.now"),
    ],
)
def test_each_rule_names_the_place_and_what_it_expected(rule: object, source: Source, says: str) -> None:
    problems = list(rule.check([source, *SHORT]))  # type: ignore[attr-defined]  # the four rules are modules with one function

    assert [says in str(problem) for problem in problems] == [True]
    assert str(problems[0]).startswith(f"{source.path}:")


def test_medians_hold_for_the_whole_project() -> None:
    long_functions = product(function(20, "a") + function(20, "b"))
    long_file = product("\n" * 110)

    assert [problem.says for problem in lengths.check([long_functions])] == ["expected a median function of at most 8 lines, got 20"]
    assert [problem.says for problem in lengths.check([long_file])] == ["expected a median file of at most 110 lines, got 115"]
    assert list(lengths.check([long_functions, long_file, *SHORT])) == []


def test_tests_may_be_long_and_read_the_clock() -> None:
    source = product("\nNOW = datetime.now(UTC)\n" + "\n" * 500 + function(60), "tests/outreach/test_letters.py")

    assert [*lengths.check([source]), *edges.check([source])] == []


def test_words_that_only_contain_a_banned_one_are_fine() -> None:
    source = product(function(2, "database_and_commonwealth") + function(2, "unbase64"))

    assert list(names.check([source])) == []


def test_the_project_is_what_git_would_track(tmp_path: Path) -> None:
    for name, text in {".gitignore": "ignored.py\n", "kept.py": TIDY, "ignored.py": "x"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)

    sources = project(tmp_path)

    assert [source.path for source in sources] == [".gitignore", "kept.py"]
    assert isinstance(sources[1].tree, ast.Module)
