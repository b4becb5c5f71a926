"""What a playbook has and nobody uses, and letters that one event brings twice."""

from collections.abc import Iterable, Iterator

from outreach.core.rules import OnEvent, Rule
from outreach.core.steps import Alert, Call, Reward
from outreach.playbook.known import Known
from outreach.playbook.letter_checks import letters_of
from outreach.playbook.problems import Problems
from outreach.playbook.rule_file import RuleFile
from outreach.playbook.yaml_text import Node, Place

# Where a step cannot be read, what it would have used is not unused.
_INCOMPLETE = frozenset({"C001", "C003", "C004", "C009", "C012", "C013", "C016", "C024", "C036"})


def check_use(known: Known, policy: Node, files: tuple[RuleFile, ...], problems: Problems) -> None:
    """Adds a warning for everything that is not used, unless a rule could not be read to its end, and for letters that come twice."""
    rules = tuple(file.rule for file in files)
    if not any(found.code in _INCOMPLETE and found.file.startswith("rules") for found in problems.found):
        for path, code, what in (*_unsent(known, rules), *_unused(known, rules)):
            problems.add(path, (1, 1), code, what, severity="warning")
        for place, what in _declared_in_vain(known, policy, rules):
            problems.add("policy.yaml", place, "C054", what, severity="warning")
    for file, other, letter in _twice(files):
        message = f'the rule {other} sends the letter "{letter}" upon the same event'
        problems.add(file.file, file.places["when"], "C055", message, severity="warning")


def _unsent(known: Known, rules: Iterable[Rule]) -> Iterator[tuple[str, str, str]]:
    sent = frozenset().union(*(letters_of(rule) for rule in rules))
    for name in sorted(set(known.letters) - sent):
        language = "" if known.policy.languages[0] in known.letters[name].languages else f".{known.letters[name].languages[0]}"
        yield f"letters/{name}{language}.md", "C019", f'no rule sends the letter "{name}"'


def _unused(known: Known, rules: tuple[Rule, ...]) -> Iterator[tuple[str, str, str]]:
    given = {step.coupon for rule in rules for step in rule.steps if isinstance(step, Reward)}
    shown = {facts.survey for facts in known.letters.values()}
    yield from ((f"coupons/{name}.txt", "C054", f'nobody gives a code of the pool "{name}"') for name in sorted(known.pools - given))
    yield from ((f"surveys/{name}.yaml", "C054", f'no letter shows the survey "{name}"') for name in known.surveys if name not in shown)


def _declared_in_vain(known: Known, policy: Node, rules: tuple[Rule, ...]) -> Iterator[tuple[Place, str]]:
    """What policy.yaml has for nobody: teams that are not asked, webhooks that are not called, caps of purposes without a rule."""
    steps = [step for rule in rules for step in rule.steps]
    asked = {name for step in steps if isinstance(step, Alert) for name in (step.team, step.escalate)}
    called = {step.webhook for step in steps if isinstance(step, Call)} | {team.webhook for team in known.policy.teams.values()}
    meant = {"all", *(rule.purpose for rule in rules)}
    for key, used, what in (
        ("teams", asked, "nobody asks the team"),
        ("webhooks", called, "nobody calls the webhook"),
        ("caps", meant, "no rule has the purpose"),
    ):
        declared = policy.value.get(key) if isinstance(policy.value, dict) else None
        yield from ((place, f'{what} "{name}"') for name, place in (declared.keys.items() if declared else ()) if name not in used)


def _twice(files: tuple[RuleFile, ...]) -> Iterator[tuple[RuleFile, str, str]]:
    """A rule, the id of an earlier one that begins with it, and the letter that both send."""
    for number, file in enumerate(files):
        for other in files[:number]:
            if file.says != other.says and _together(file.rule, other.rule):
                yield from ((file, other.rule.id, letter) for letter in sorted(letters_of(file.rule) & letters_of(other.rule)))


def _together(rule: Rule, other: Rule) -> bool:
    """Whether one event surely begins both at times; two different conditions may exclude each other, and only live rules write."""
    if {rule.mode, other.mode} != {"live"}:
        return False
    if not (isinstance(rule.when, OnEvent) and isinstance(other.when, OnEvent) and set(rule.when.types) & set(other.when.types)):
        return False
    conditions = [when.condition.source for when in (rule.when, other.when) if when.condition]
    return len(set(conditions)) < 2
