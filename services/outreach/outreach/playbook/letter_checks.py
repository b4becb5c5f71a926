"""What only shows when letters and rules are seen together: unsent letters, missing languages, values that cannot be there."""

import re
from collections.abc import Iterator, Mapping

from outreach.core.rules import Rule
from outreach.core.steps import Reward, Send
from outreach.letters import LetterError, Letters, Variable
from outreach.playbook.known import Known
from outreach.playbook.problems import Problems, nearest
from outreach.playbook.when_file import trigger_types
from outreach.playbook.yaml_text import Place

_CODES = {"survey": "C020", "filter": "C051", "test": "C051", "tag": "C051", "key": "C052"}
_TAG = re.compile(r"\{[{%#]")
_WITHOUT_DOUBT = ("id", "language", "orders", "spent", "points", "open_tickets", "tags", "first_seen", "health", "care_balance")

Doubt = tuple[Variable, str, str, str]


def check_letters(letters: Letters, texts: Mapping[str, str], known: Known, rules: tuple[Rule, ...], problems: Problems) -> None:
    """Adds what is wrong with the letters themselves, and between them and the rules that send them."""
    senders = {name: [rule for rule in rules if name in letters_of(rule)] for name in known.letters}
    for name, facts in known.letters.items():
        versions = letters.letters.get(name, {})
        file = next((version.file for version in versions.values()), f"letters/{name}.md")
        _check_languages(name, file, facts.languages, known.policy.languages, problems)
        for version in versions.values():
            for variable, code, message, suggestion in _doubts(version.variables, senders[name], known):
                problems.add(variable.file, _place(texts, variable.file, variable.line, _spelled(variable)), code, message, suggestion=suggestion)
    told = {problem.file for problem in problems.errors() if problem.file.startswith("surveys/")}
    for found in letters.problems:
        if told.isdisjoint({found.file, f"surveys/{found.word}.yaml" if found.about == "survey" else ""}):
            problems.add(found.file, _place_of(found, texts), _CODES.get(found.about, "C015"), found.plain, suggestion=found.near)


def letters_of(rule: Rule) -> frozenset[str]:
    """The letters that a rule may send."""
    return frozenset(step.letter for step in rule.steps if isinstance(step, Send))


def _check_languages(name: str, file: str, written: tuple[str, ...], spoken: tuple[str, ...], problems: Problems) -> None:
    missing = [language for language in spoken if language not in written]
    if spoken[0] in missing:
        message = f'the letter "{name}" is missing in {spoken[0]}, which everybody of another language would get'
        problems.add(file, (1, 1), "C050", message, expected=f"letters/{name}.md")
    elif missing:
        problems.add(file, (1, 1), "C021", f'the letter "{name}" is missing in {", ".join(missing)}', severity="warning")


def _doubts(variables: tuple[Variable, ...], senders: list[Rule], known: Known) -> Iterator[Doubt]:
    """Names that no event and no customer has (a default does not excuse a typo, Semantics 2), and values that may be missing."""
    for variable in variables:
        root, _, rest = variable.name.partition(".")
        name = rest.partition(".")[0].removesuffix("[]")
        if root == "customer" and name:
            yield from _of_customer(variable, name, known.traits)
        for rule in senders:
            if root == "event" and name:
                yield from _of_event(variable, name, rule, known)
            if root == "reward" and not any(isinstance(step, Reward) and name in ("", "coupon" if step.coupon else "points") for step in rule.steps):
                yield variable, "C026", f'the rule {rule.id} grants no "{variable.name}"', ""


def _of_customer(variable: Variable, name: str, traits: frozenset[str]) -> Iterator[Doubt]:
    if name not in traits:
        yield variable, "C026", f'unknown field "customer.{name}"', _close("customer", name, traits)
    elif not variable.has_default and name not in _WITHOUT_DOUBT:
        yield _may_be_missing(variable, f"customer.{name}")


def _of_event(variable: Variable, name: str, rule: Rule, known: Known) -> Iterator[Doubt]:
    types = trigger_types(rule.when)
    if name not in known.fields_of(types):
        yield variable, "C026", f'the rule {rule.id} has no "event.{name}"', _close("event", name, known.fields_of(types))
    elif not variable.has_default and known.may_lack(types, name):
        yield _may_be_missing(variable, f"event.{name}")


def _may_be_missing(variable: Variable, name: str) -> Doubt:
    return variable, "C053", f'"{name}" may be missing: give it a default(…) or ask {{% if … %}} first', ""


def _place_of(found: LetterError, texts: Mapping[str, str]) -> Place:
    """Where the mistaken word stands; a survey that is not known is named in the letter's head."""
    if found.about == "survey" and not found.line:
        lines = texts.get(found.file, "").splitlines()
        line = next((number for number, line in enumerate(lines, 1) if line.startswith("survey:")), 1)
        return _place(texts, found.file, line, found.word, after="survey:")
    if found.about == "rest" or not found.word:
        text = _line(texts, found.file, found.line)
        tag = _TAG.search(text)
        return max(found.line, 1), (text.rfind(found.word) if found.word else tag.start() if tag else 0) + 1 or 1
    return _place(texts, found.file, found.line, found.word)


def _place(texts: Mapping[str, str], file: str, line: int, word: str, after: str = "") -> Place:
    """The place of a word in a line, the line's beginning when it is not written there as it is."""
    match = re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w)").search(_line(texts, file, line), len(after)) if word else None
    return (max(line, 1), match.start() + 1 if match else 1)


def _line(texts: Mapping[str, str], file: str, number: int) -> str:
    lines = texts.get(file, "").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _spelled(variable: Variable) -> str:
    """A variable as the letter spells it; what stands for the entry of a list is spelled by its list."""
    return variable.name.partition("[]")[0]


def _close(root: str, name: str, names: frozenset[str]) -> str:
    near = nearest(name, sorted(names))
    return f"{root}.{near}" if near else ""
