"""A playbook folder as a Playbook value, with everything that is wrong with it found at once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from outreach.core.health import HealthRules
from outreach.core.policy import Policy
from outreach.core.rules import LetterFacts, Playbook
from outreach.letters import Letters, letters_from
from outreach.playbook.cel import Language
from outreach.playbook.fields import Source
from outreach.playbook.files import POOLS, Files, content_of, paths, text_of, version_of
from outreach.playbook.health_file import read_health
from outreach.playbook.known import Known
from outreach.playbook.letter_checks import check_letters
from outreach.playbook.policy_file import read_policy
from outreach.playbook.problems import Problem, Problems
from outreach.playbook.rule_checks import check_secrets, check_twins
from outreach.playbook.rule_file import RuleFile, read_rule
from outreach.playbook.survey_file import check_survey
from outreach.playbook.use_checks import check_use
from outreach.playbook.yaml_text import BadYaml, Node, read

NOTHING = Node({}, (1, 1))
BUILT_IN = {name: {"kind": name} for name in ("csat", "nps")}


@dataclass(frozen=True)
class Folder:
    """What a playbook folder holds, and the files it was read from. `problems` has warnings too; only errors keep it from being used."""

    playbook: Playbook
    rules: tuple[RuleFile, ...]
    letters: Letters
    problems: tuple[Problem, ...]
    files: Files = field(repr=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The findings that keep the playbook from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load_folder(folder: Path) -> Folder:
    """Reads policy.yaml, letters/, surveys/ and rules/*.yaml; raises FileNotFoundError when there is no such folder."""
    problems = Problems()
    files: dict[str, bytes] = {}
    for name, path in paths(folder):
        try:
            files[name] = content_of(name, path)
        except OSError as error:
            _unreadable(name, error, problems)
    return load_files(files, problems)


def load_files(files: Files, problems: Problems | None = None) -> Folder:
    """The same from files by their path in the playbook, such as `rules/welcome.yaml`; `problems` are known already."""
    problems = problems or Problems()
    language = Language()
    texts = {name: text_of(content, "replace") for name, content in files.items()}
    policy, declared = _policy(files, language, problems)
    letters = _letters(texts, policy)
    facts = _facts(letters)
    surveys = _surveys(files, Known(language, policy), problems)
    known = Known(language, policy, facts, surveys, frozenset(path.stem for path in _within(files, POOLS, ".txt")))
    rules = _rules(files, known, problems)
    check_twins([(file.file, file.rule.id, file.says) for file in rules], problems)
    check_secrets(texts, problems)
    check_letters(letters, texts, known, tuple(file.rule for file in rules), problems)
    check_use(known, declared, rules, problems)
    policy = replace(policy, health=_health(files, known, problems))
    playbook = Playbook(version_of(files), tuple(file.rule for file in rules), policy, facts, {**BUILT_IN, **surveys})
    return Folder(playbook, rules, letters, tuple(sorted(problems.found)), files)


def _parse(files: Files, name: str, problems: Problems) -> tuple[Node, str] | None:
    try:
        text = text_of(files[name])
        node, tricks = read(text)
    except BadYaml as error:
        problems.add(name, error.place, error.code, str(error))
    except UnicodeDecodeError as error:
        _unreadable(name, error, problems)
    else:
        for trick in tricks:
            problems.add(name, trick.place, trick.code, str(trick))
            if trick.hides:
                problems.hide(name, trick.place)
        return node, text
    return None


def _unreadable(name: str, error: Exception, problems: Problems) -> None:
    problems.add(name, (1, 1), "C001", f"the file cannot be read: {type(error).__name__}")


def _within(files: Files, folder: str, ending: str = ".yaml") -> list[PurePosixPath]:
    """The files directly in a folder of the playbook, by name."""
    return [path for path in map(PurePosixPath, sorted(files)) if path.parent.as_posix() == folder and path.suffix == ending]


def _policy(files: Files, language: Language, problems: Problems) -> tuple[Policy, Node]:
    if "policy.yaml" not in files:
        problems.add("policy.yaml", (1, 1), "C001", "there is no policy.yaml; built-in defaults are used", severity="warning")
        return Policy(), NOTHING
    parsed = _parse(files, "policy.yaml", problems)
    return (read_policy(Source("policy.yaml", Known(language, Policy()), problems, parsed[1]), parsed[0]), parsed[0]) if parsed else (Policy(), NOTHING)


def _health(files: Files, known: Known, problems: Problems) -> HealthRules:
    parsed = _parse(files, "health.yaml", problems) if "health.yaml" in files else None
    return read_health(Source("health.yaml", known, problems, parsed[1]), parsed[0]) if parsed else HealthRules()


def _letters(texts: Mapping[str, str], policy: Policy) -> Letters:
    return letters_from(texts, policy.brand, policy.languages, policy.languages[0])


def _facts(letters: Letters) -> dict[str, LetterFacts]:
    """What deciding needs to know of each letter: the survey it shows, and its languages."""
    return {name: LetterFacts(next(iter(surveys.values())), tuple(surveys)) for name, surveys in letters.written.items()}


def _surveys(files: Files, known: Known, problems: Problems) -> Mapping[str, object]:
    """The surveys that have a file, by name."""
    found: dict[str, object] = {}
    for path in _within(files, "surveys"):
        parsed = _parse(files, path.as_posix(), problems)
        if parsed:
            found[path.stem] = parsed[0].plain()
            check_survey(Source(path.as_posix(), known, problems, parsed[1]), parsed[0])
    return found


def _rules(files: Files, known: Known, problems: Problems) -> tuple[RuleFile, ...]:
    found = []
    for path in _within(files, "rules", ".yml"):
        problems.add(path.as_posix(), (1, 1), "C027", "this file is not read", suggestion=f"{path.stem}.yaml")
    if not any(name.startswith("rules/") for name in files):
        problems.add("rules", (1, 1), "C027", "there is no rule in a folder of this name: is this a playbook?")
    for path in _within(files, "rules"):
        parsed = None if path.name.startswith("_") else _parse(files, path.as_posix(), problems)
        if parsed:
            source = Source(path.as_posix(), known, problems, parsed[1])
            read = read_rule(source, *parsed)
            found += [read] if read else []
    for rule_id, count in Counter(file.rule.id for file in found).items():
        if count > 1:
            twins = [file.file for file in found if file.rule.id == rule_id]
            place = next(file.places.get("id", (1, 1)) for file in found if file.file == twins[1])
            problems.add(twins[1], place, "C011", f'the id "{rule_id}" is also that of {twins[0]}')
    return tuple(found)
