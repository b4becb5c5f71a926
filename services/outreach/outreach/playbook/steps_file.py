"""The `then` of a rule file: nested steps, as the flat program that the core walks through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from outreach.core.conditions import Condition
from outreach.core.rules import Step
from outreach.core.steps import Alert, Branch, Call, Jump, Reward, Send, StopIf, Tag, Variant, Wait, WaitFor, WaitUntil
from outreach.playbook.condition_checks import is_always
from outreach.playbook.durations import duration, time_of_day
from outreach.playbook.fields import Fields, Source, kind
from outreach.playbook.problems import nearest
from outreach.playbook.yaml_text import Node

VERBS = ("wait", "wait_until", "wait_for", "stop_if", "if", "send", "alert", "reward", "webhook", "tag", "untag", "variant")
END = -1
_ALONGSIDE = {"wait_for": ("missed",), "if": ("do", "else"), "send": ("channel", "in_doubt", "if_not_sent"), "webhook": ("data",)}
MOST_POINTS = 1_000_000


@dataclass(slots=True)
class Steps:
    """The program so far. `types` are the events that can begin the rule: what `event` means in a step."""

    source: Source
    types: tuple[str, ...]
    program: list[Step]

    def read(self, nodes: list[Node], path: str = "") -> None:
        """Appends the steps of a list; each gets the path by which it is known (`2`, `3.missed.0`)."""
        for number, node in enumerate(nodes):
            if number and _ends(nodes[number - 1]):
                self.source.add(node.place, "C043", "this step is never reached: the one before it always ends the rule", severity="warning")
            self._step(node, f"{path}{number}")

    def _step(self, node: Node, path: str) -> None:
        verbs = [verb for verb in VERBS if isinstance(node.value, dict) and verb in node.value]
        if len(verbs) != 1:
            self._no_verb(node, verbs)
        else:
            fields = Fields(self.source, node, (verbs[0], *_ALONGSIDE.get(verbs[0], ())))
            READERS[verbs[0]](self, fields, path)

    def _no_verb(self, node: Node, verbs: list[str]) -> None:
        got = ", ".join(verbs) or (", ".join(node.value) if isinstance(node.value, dict) else "no mapping")
        near = next((close for word in (node.value if isinstance(node.value, dict) else ()) if (close := nearest(word, VERBS))), "")
        self.source.add(node.place, "C009", f"expected exactly one of {', '.join(VERBS)} in a step, got {got}", suggestion=near)

    def condition(self, fields: Fields, name: str) -> Condition | None:
        """A step's condition: `event` is what began the rule, so it is known only where an event does."""
        variables = ("event", "trigger", "answer") if self.types else ("answer",)
        return fields.condition(name, variables, self.types)


def _ends(node: Node) -> bool:
    """Whether a step ends the rule whatever happens."""
    said = node.value.get("stop_if") if isinstance(node.value, dict) else None
    return said is not None and is_always(str(said.plain()))


def check_match(source: Source, node: Node, began_by: tuple[str, ...], types: tuple[str, ...]) -> None:
    """A field that must agree in two events has to be in both: a missing one never matches (Semantics 10)."""
    name = str(node.value)
    if not began_by:
        source.add(node.place, "C046", "no event begins this rule: there is nothing to match with")
    for side in (began_by, types):
        listed = [event_type for event_type in side if event_type in source.known.events]
        if listed and name not in source.known.fields_of(tuple(listed)):
            both = source.known.fields_of(began_by) & source.known.fields_of(types)
            source.add(node.place, "C046", f'{" and ".join(listed)} have no field "{name}": this never matches', suggestion=nearest(name, sorted(both)))
            return


def _wait(steps: Steps, fields: Fields, path: str) -> None:
    steps.program.append(Wait(path, fields.duration("wait", duration("1d"))))


def _wait_until(steps: Steps, fields: Fields, path: str) -> None:
    node = fields.node("wait_until")
    try:
        minute, weekday = time_of_day(str(node.value))
    except ValueError as error:
        steps.source.add(node.place, "C016", str(error))
        return
    steps.program.append(WaitUntil(path, minute, weekday))


def _wait_for(steps: Steps, fields: Fields, path: str) -> None:
    """Behind the wait stands a jump over the `missed` steps, behind those a jump to the end."""
    inner = Fields(steps.source, fields.node("wait_for"), ("event", "if", "within", "match"), ("event", "within"))
    types = steps.source.events(inner.node("event")) if "event" in inner else ()
    condition = inner.condition("if", ("event", "trigger", "answer"), types)
    if "match" in inner:
        check_match(steps.source, inner.node("match"), steps.types, types)
    program, place = steps.program, len(steps.program)
    wait = WaitFor(path, types, inner.duration("within", duration("7d")), place + 2, condition, inner.text("match"))
    program += [wait, Jump(f"{path}.came", END)]
    steps.read(fields.list("missed"), f"{path}.missed.")
    program.append(Jump(f"{path}.missed", END))
    program[place + 1] = Jump(f"{path}.came", len(program))


def _stop_if(steps: Steps, fields: Fields, path: str) -> None:
    condition = steps.condition(fields, "stop_if")
    if condition:
        steps.program.append(StopIf(path, condition))


def _branch(steps: Steps, fields: Fields, path: str) -> None:
    program, place = steps.program, len(steps.program)
    condition = steps.condition(fields, "if")
    if condition is None:
        return
    branch = Branch(path, condition, END)
    program.append(branch)
    steps.read(fields.list("do"), f"{path}.do.")
    over = len(program)
    program.append(Jump(f"{path}.done", END))
    program[place] = replace(branch, otherwise=len(program))
    steps.read(fields.list("else"), f"{path}.else.")
    program[over] = Jump(f"{path}.done", len(program))


def _variant(steps: Steps, fields: Fields, path: str) -> None:
    """Each arm ends with a jump behind the last one."""
    program, place = steps.program, len(steps.program)
    arms = fields.node("variant").value
    if not isinstance(arms, dict) or len(arms) < 2:
        steps.source.add(fields.node("variant").place, "C004", "expected at least two arms, each a name and its steps: {a: [steps], b: [steps]}")
        return
    program.append(Variant(path, ()))
    starts, ends = [], []
    for name, node in arms.items():
        starts.append((name, len(program)))
        steps.read(node.value if isinstance(node.value, list) else [node], f"{path}.{name}.")
        ends.append(len(program))
        program.append(Jump(f"{path}.{name}.done", END))
    program[place] = Variant(path, tuple(starts))
    for end, (name, _) in zip(ends, starts, strict=True):
        program[end] = Jump(f"{path}.{name}.done", len(program))


def _send(steps: Steps, fields: Fields, path: str) -> None:
    node, letter, letters = fields.node("send"), fields.text("send"), steps.source.known.letters
    if letter not in letters:
        steps.source.add(node.place, "C012", f'there is no letter "{letter}"', expected=f"letters/{letter}.md", suggestion=nearest(letter, letters))
    go_on = fields.choice("if_not_sent", ("end", "continue"), "end") == "continue"
    steps.program.append(Send(path, letter, fields.choice("channel", ("email",), "email"), fields.choice("in_doubt", ("hold", "resend"), "hold"), go_on))


def _alert(steps: Steps, fields: Fields, path: str) -> None:
    inner = Fields(steps.source, fields.node("alert"), ("to", "summary", "within", "escalate"), ("to", "summary"))
    teams = steps.source.known.policy.teams
    for name in ("to", "escalate"):
        if name in inner and inner.text(name) not in teams:
            team = inner.text(name)
            steps.source.add(inner.node(name).place, "C013", f'there is no team "{team}"', expected="a team of policy.yaml", suggestion=nearest(team, teams))
    steps.program.append(Alert(path, inner.text("to"), inner.text("summary"), inner.duration("within"), inner.text("escalate")))


def _reward(steps: Steps, fields: Fields, path: str) -> None:
    node = fields.node("reward")
    inner = Fields(steps.source, node, ("coupon", "points"))
    if ("coupon" in inner) == ("points" in inner):
        steps.source.add(node.place, "C009", "expected exactly one of coupon and points in a reward: {coupon: POOL} or {points: N}")
        return
    pool, pools = inner.text("coupon"), steps.source.known.pools
    if pool and pool not in pools:
        place = inner.node("coupon").place
        # No error, because codes are worth money, and need not lie where playbooks are checked; without them the courier holds the letter.
        message = f'there is no pool "{pool}" here'
        steps.source.add(place, "C035", message, severity="warning", expected=f"coupons/{pool}.txt", suggestion=nearest(pool, pools))
    steps.program.append(Reward(path, pool, 0 if pool else inner.whole("points", 1, 1, MOST_POINTS)))


def _webhook(steps: Steps, fields: Fields, path: str) -> None:
    name, hooks, data = fields.text("webhook"), steps.source.known.policy.webhooks, fields.node("data", {})
    if name not in hooks:
        place = fields.node("webhook").place
        steps.source.add(place, "C036", f'there is no webhook "{name}"', expected="a webhook of policy.yaml", suggestion=nearest(name, hooks))
    if not isinstance(data.value, dict):
        steps.source.add(data.place, "C004", f'"data": expected a mapping, got {kind(data)}')
        return
    steps.program.append(Call(path, name, data.plain()))


def _tag(steps: Steps, fields: Fields, path: str) -> None:
    steps.program.append(Tag(path, fields.text("tag") or fields.text("untag"), add="tag" in fields))


READERS: Mapping[str, Callable[[Steps, Fields, str], None]] = {
    "wait": _wait,
    "wait_until": _wait_until,
    "wait_for": _wait_for,
    "stop_if": _stop_if,
    "if": _branch,
    "send": _send,
    "alert": _alert,
    "reward": _reward,
    "webhook": _webhook,
    "tag": _tag,
    "untag": _tag,
    "variant": _variant,
}


def read_steps(source: Source, nodes: list[Node], types: tuple[str, ...]) -> tuple[Step, ...]:
    """The program of a rule; jumps to the end point behind its last step."""
    steps = Steps(source, types, [])
    steps.read(nodes)
    end = len(steps.program)
    return tuple(replace(step, to=end) if isinstance(step, Jump) and step.to == END else step for step in steps.program)
