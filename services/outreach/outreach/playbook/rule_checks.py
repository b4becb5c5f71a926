"""What only shows when a rule, or all rules, are seen as a whole: rules that reach nobody, ask in vain, or say the same twice."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from outreach.core.rules import LetterFacts, Rule
from outreach.core.steps import Alert, Call, Reward, Send, Tag, WaitFor
from outreach.playbook.problems import Problems
from outreach.playbook.yaml_text import Place

_SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|sk_live_\w{10,}|xox[abprs]-\w{8,}|-----BEGIN [A-Z ]*PRIVATE KEY|"
    r"(?i:\b(?:password|passwd|secret|token|api_?key)\b\s*[:=]\s*[\"']?[^\s\"'{}|]{8,})"
)

Doubt = tuple[str, str, str]


def doubts_about(rule: Rule, letters: Mapping[str, LetterFacts]) -> Iterator[Doubt]:
    """What is odd about one rule: (code, severity, message)."""
    if not any(isinstance(step, Send | Alert | Reward | Call | Tag) for step in rule.steps):
        yield "C029", "error", f"the rule {rule.id} reaches nobody and remembers nothing"
    if rule.purpose == "staff" and any(isinstance(step, Send) for step in rule.steps):
        yield "C030", "error", "a rule of purpose staff writes to customers: choose another purpose, or use alert"
    if _waits_in_vain(rule, letters):
        yield "C031", "error", f"the rule {rule.id} waits for survey.answered, but no letter that it sent before shows a survey"


def _waits_in_vain(rule: Rule, letters: Mapping[str, LetterFacts]) -> bool:
    """An awaited answer must come from the rule's own letter (Semantics 10)."""
    for place, step in enumerate(rule.steps):
        if isinstance(step, WaitFor) and step.types == ("survey.answered",):
            before = [sent.letter for sent in rule.steps[:place] if isinstance(sent, Send)]
            return not any(letters[letter].survey for letter in before if letter in letters)
    return False


def check_names(file: str, names: Iterable[tuple[str, Place]], problems: Problems) -> None:
    """Two examples of one name cannot be told apart when one fails."""
    listed = list(names)
    counted = Counter(name for name, _ in listed)
    for name, place in listed:
        if name and counted[name] > 1:
            problems.add(file, place, "C032", f'two examples are called "{name}"', severity="warning")


def check_secrets(texts: Mapping[str, str], problems: Problems) -> None:
    """Secrets do not belong into files that are shared: policy.yaml names the environment variable that holds one."""
    for file, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            if match := _SECRET.search(line):
                problems.add(file, (number, match.start() + 1), "C028", "this looks like a secret", expected="secret_env: the name of an environment variable")


def check_twins(files: Iterable[tuple[str, str, str]], problems: Problems) -> None:
    """Two rules that begin alike and do the same would do it twice; entries are (file, id, what it says)."""
    first: dict[str, str] = {}
    for file, rule_id, said in files:
        twin = first.setdefault(said, rule_id)
        if twin != rule_id:
            problems.add(file, (1, 1), "C033", f"the rule {rule_id} says the same as {twin}")
