"""What only shows when letters and rules are seen together: unsent letters, missing languages, values that cannot be there."""

from collections.abc import Iterator

from outreach.core.rules import Rule
from outreach.core.steps import Reward, Send
from outreach.letters import Letters, Variable
from outreach.playbook.known import Known
from outreach.playbook.problems import Problems, nearest
from outreach.playbook.when_file import trigger_types


def check_letters(letters: Letters, known: Known, rules: tuple[Rule, ...], problems: Problems) -> None:
    """Adds what is wrong with the letters themselves, and between them and the rules that send them."""
    senders = {name: [rule for rule in rules if name in letters_of(rule)] for name in known.letters}
    for name, facts in known.letters.items():
        file = next((version.file for version in letters.letters.get(name, {}).values()), f"letters/{name}.md")
        if not senders[name]:
            problems.add(file, (1, 1), "C019", f'no rule sends the letter "{name}"', severity="warning")
        missing = [language for language in known.policy.languages if language not in facts.languages]
        if missing:
            problems.add(file, (1, 1), "C021", f'the letter "{name}" is missing in {", ".join(missing)}', severity="warning")
        for version in letters.letters.get(name, {}).values():
            _check_values(version.variables, senders[name], known, problems)
    for found in letters.problems:
        problems.add(found.file, (max(found.line, 1), 1), "C015", found.message)


def letters_of(rule: Rule) -> frozenset[str]:
    """The letters that a rule may send."""
    return frozenset(step.letter for step in rule.steps if isinstance(step, Send))


def _check_values(variables: tuple[Variable, ...], senders: list[Rule], known: Known, problems: Problems) -> None:
    for variable, message, suggestion in _doubts(variables, senders, known):
        problems.add(variable.file, (max(variable.line, 1), 1), "C026", message, suggestion=suggestion)


def _doubts(variables: tuple[Variable, ...], senders: list[Rule], known: Known) -> Iterator[tuple[Variable, str, str]]:
    """Names that no event and no customer has; a default does not excuse a typo (Semantics 2)."""
    for variable in variables:
        root, _, rest = variable.name.partition(".")
        name = rest.partition(".")[0].removesuffix("[]")
        for rule in senders if root == "event" and name else ():
            fields = known.fields_of(trigger_types(rule.when))
            if name not in fields:
                yield variable, f'the rule {rule.id} has no "event.{name}"', _close("event", name, fields)
        for rule in senders if root == "reward" else ():
            if not any(isinstance(step, Reward) and name in ("", "coupon" if step.coupon else "points") for step in rule.steps):
                yield variable, f'the rule {rule.id} grants no "{variable.name}"', ""
        if root == "customer" and name and name not in known.traits:
            yield variable, f'unknown field "customer.{name}"', _close("customer", name, known.traits)


def _close(root: str, name: str, names: frozenset[str]) -> str:
    near = nearest(name, sorted(names))
    return f"{root}.{near}" if near else ""
