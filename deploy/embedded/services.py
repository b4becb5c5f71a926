"""The programs of the embedded system: the mail catcher, the four services on the way of an event, and the journal, with what only each is told."""

from deploy.embedded.plan import Plan, environment, python
from deploy.embedded.program import Program

SERVICES = ("ingest", "decide", "deliver", "feedback")  # from the event to the letter and back; their memory is what is measured
PROGRAMS = (*SERVICES, "journal")


def catcher(plan: Plan) -> Program:
    """The mail catcher; its mails are in memory, so that its end is the end of the run."""
    argv = python("-m", "deploy.embedded.catcher", str(plan.ports.smtp), str(plan.ports.inbox))
    return Program("catcher", argv, environment(plan), f"{plan.inbox}/healthz", restart=False)


def services(plan: Plan) -> list[Program]:
    """The four services and the journal, as they run everywhere."""
    told = environment(plan)
    ops = {"decide": plan.ports.decide, "deliver": plan.ports.deliver, "journal": plan.ports.journal}
    outreach = {
        "decide": {"CARE_STATE_DIR": str(plan.folder / "state"), "CARE_GROUP_INSTANCE_ID": "decide-1"},
        "deliver": {"CARE_SMTP_URL": f"smtp://127.0.0.1:{plan.ports.smtp}", "CARE_COURIER_INSTANCE": "courier-1"},
        "journal": {"CARE_GROUP_INSTANCE_ID": "journal-1"},
    }
    web = {"ingest": plan.ports.ingest, "feedback": plan.ports.feedback}
    return [
        *(Program(name, python("-m", name), told | _http(port), f"http://127.0.0.1:{port}/readyz") for name, port in web.items()),
        *(Program(name, python("-m", "outreach", name), told | outreach[name] | _ops(port), f"http://127.0.0.1:{port}/readyz") for name, port in ops.items()),
    ]


def _http(port: int) -> dict[str, str]:
    return {"CARE_HTTP_HOST": "127.0.0.1", "CARE_HTTP_PORT": str(port)}


def _ops(port: int) -> dict[str, str]:
    return {"CARE_OPS_HOST": "127.0.0.1", "CARE_OPS_PORT": str(port)}
