"""Asks a person: the task with its deadline, and the next team when nobody took it up in time."""

from care_contracts.identity import command_id, occasion
from care_contracts.reasons import Verdict
from care_contracts.records import Command

from outreach.core.acting import permitted
from outreach.core.commanding import command
from outreach.core.customer import MAX_OPEN, Instance, Task
from outreach.core.rules import Rule
from outreach.core.steps import Alert
from outreach.core.turn import Turn


def ask(turn: Turn, rule: Rule, instance: Instance, step: Alert) -> None:
    """Makes a task for the team; while it is open, only service letters go to the customer. Asked twice is better than not at all."""
    task_id = permitted(turn, rule, instance, step, step.team)
    if not task_id:
        return
    due = turn.now + step.within if step.within and step.escalate else 0
    tasks = turn.customer.tasks
    if len(tasks) < MAX_OPEN:
        tasks[task_id] = Task(rule.id, instance.occurrence, step.path, due, step.escalate, step.summary, turn.version_of(instance))
    options = {"summary": step.summary, "within": step.within, "escalate": step.escalate}
    turn.commands.append(command(turn, rule, instance, "alert", task_id, what=step.team, options=options, in_doubt="resend"))
    turn.record(Verdict.ALERTED, instance, what=step.team, command_id=task_id)


def escalate(turn: Turn, task_id: str, task: Task) -> None:
    """Nobody took the task up in time: the next team is asked, once, about the same task."""
    turn.customer.tasks[task_id] = Task(task.rule, task.occurrence, task.path, version=task.version)
    escalated = command_id(occasion(task.rule, turn.customer.id, task.occurrence), f"{task.path}!")
    turn.commands.append(_escalation(turn, task_id, task, escalated))
    about = {"step": task.path, "command_id": escalated, "playbook": turn.version_of(task), "detail": "nobody took it up in time"}
    turn.record_for(Verdict.ALERTED, task.rule, task.occurrence, None, what=task.escalate, **about)


def _escalation(turn: Turn, task_id: str, task: Task, escalated: str) -> Command:
    rule = turn.rule_of(task)
    instance = Instance(task.rule, task.occurrence, turn.now, turn.now, turn.now, task.path, version=task.version)
    options = {"summary": task.summary, "task_id": task_id, "escalated": True}
    return command(turn, rule, instance, "alert", escalated, what=task.escalate, options=options, in_doubt="resend")
