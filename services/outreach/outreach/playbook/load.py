"""A playbook folder as a Playbook value, with everything that is wrong with it found at once."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outreach.core.policy import Policy
from outreach.core.rules import LetterFacts, Playbook
from outreach.letters import Letters, load_letters
from outreach.playbook.cel import Language
from outreach.playbook.fields import Source
from outreach.playbook.known import Known
from outreach.playbook.letter_checks import check_letters
from outreach.playbook.policy_file import read_policy
from outreach.playbook.problems import Problem, Problems
from outreach.playbook.rule_checks import check_secrets, check_twins
from outreach.playbook.rule_file import RuleFile, read_rule
from outreach.playbook.yaml_text import BadYaml, Node, parse


@dataclass(frozen=True)
class Folder:
    """What a playbook folder holds. `problems` has warnings too; only errors keep it from being used."""

    playbook: Playbook
    rules: tuple[RuleFile, ...]
    letters: Letters
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The findings that keep the playbook from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load_folder(folder: Path) -> Folder:
    """Reads policy.yaml, letters/, surveys/ and rules/*.yaml; raises FileNotFoundError when there is no such folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"expected a playbook folder, got {folder}")
    problems = Problems()
    language = Language()
    policy = _policy(folder, language, problems)
    letters = load_letters(folder, policy.brand, policy.languages, policy.languages[0])
    facts = _facts(letters)
    surveys = _surveys(folder, problems)
    known = Known(language, policy, facts, surveys)
    rules = _rules(folder, known, problems)
    check_twins([(file.file, file.rule.id, file.says) for file in rules], problems)
    check_secrets(_texts(folder), problems)
    check_letters(letters, known, tuple(file.rule for file in rules), problems)
    playbook = Playbook(_version(folder), tuple(file.rule for file in rules), policy, facts, surveys)
    return Folder(playbook, rules, letters, tuple(sorted(problems.found)))


def _parse(folder: Path, path: Path, problems: Problems) -> tuple[Node, str] | None:
    name = path.relative_to(folder).as_posix()
    try:
        text = path.read_text("utf-8")
        return parse(text), text
    except BadYaml as error:
        problems.add(name, error.place, error.code, str(error))
    except (OSError, UnicodeDecodeError) as error:
        problems.add(name, (1, 1), "C001", f"the file cannot be read: {type(error).__name__}")
    return None


def _policy(folder: Path, language: Language, problems: Problems) -> Policy:
    path = folder / "policy.yaml"
    parsed = _parse(folder, path, problems) if path.exists() else None
    if not path.exists():
        problems.add("policy.yaml", (1, 1), "C001", "there is no policy.yaml; built-in defaults are used", severity="warning")
    return read_policy(Source("policy.yaml", Known(language, Policy()), problems), parsed[0]) if parsed else Policy()


def _facts(letters: Letters) -> dict[str, LetterFacts]:
    """What deciding needs to know of each letter: the survey it shows, and its languages."""
    return {name: LetterFacts(next(iter(surveys.values())), tuple(surveys)) for name, surveys in letters.written.items()}


def _surveys(folder: Path, problems: Problems) -> Mapping[str, object]:
    """The surveys by name; the built-in csat and nps need no file."""
    found: dict[str, object] = {"csat": {"kind": "csat"}, "nps": {"kind": "nps"}}
    for path in sorted((folder / "surveys").glob("*.yaml")):
        parsed = _parse(folder, path, problems)
        if parsed:
            found[path.stem] = parsed[0].plain()
            _check_survey(path, parsed[0], problems)
    return found


def _check_survey(path: Path, node: Node, problems: Problems) -> None:
    """The page behind the letter knows the built-in surveys; under another name it would show the wrong scale."""
    kind = node.value["kind"] if isinstance(node.value, dict) and "kind" in node.value else node
    if kind.value != path.stem:
        problems.add(f"surveys/{path.name}", kind.place, "C034", "the survey page knows csat and nps, each by its own name", expected=f"kind: {path.stem}")


def _rules(folder: Path, known: Known, problems: Problems) -> tuple[RuleFile, ...]:
    files = []
    for path in sorted((folder / "rules").glob("*.yml")):
        problems.add(path.relative_to(folder).as_posix(), (1, 1), "C027", "this file is not read", suggestion=f"{path.stem}.yaml")
    if not (folder / "rules").is_dir():
        problems.add("rules", (1, 1), "C027", "there is no folder with this name: is this a playbook?")
    for path in sorted((folder / "rules").glob("*.yaml")):
        parsed = None if path.name.startswith("_") else _parse(folder, path, problems)
        if parsed:
            source = Source(path.relative_to(folder).as_posix(), known, problems)
            read = read_rule(source, *parsed)
            files += [read] if read else []
    for rule_id, count in Counter(file.rule.id for file in files).items():
        if count > 1:
            twins = [file.file for file in files if file.rule.id == rule_id]
            problems.add(twins[1], (1, 1), "C011", f'the id "{rule_id}" is also that of {twins[0]}')
    return tuple(files)


def _files(folder: Path) -> list[Path]:
    """Every file that says something."""
    return sorted(path for pattern in ("*.yaml", "*/*.yaml", "*/*.md", "*/*.html", "*/*.j2") for path in folder.glob(pattern))


def _texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8", errors="replace") for path in _files(folder)}


def _version(folder: Path) -> str:
    """The content hash of the playbook: 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for path in _files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
