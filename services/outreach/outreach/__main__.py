"""`python -m outreach decide` decides; `python -m outreach deliver` writes; `python -m outreach journal` remembers. From settings to running."""

import logging
import sys
from pathlib import Path

from care_contracts.clock import clock_from
from care_contracts.settings import CareSettings

from outreach.logs import begin_logs
from outreach.playbook.load import load_folder
from outreach.playbook.versions import Versions
from outreach.settings import DecideSettings, DeliverSettings, JournalSettings

log = logging.getLogger("outreach")


def decide() -> int:
    """The stream processor; the exit code tells a supervisor whether to come again."""
    from outreach.stream.library import decider_of  # noqa: PLC0415 - each process carries only what it needs
    from outreach.stream.run import run_decider  # noqa: PLC0415
    from outreach.stream.settings import stream_settings  # noqa: PLC0415

    settings = DecideSettings.model_validate({})
    versions = begin(settings, settings.playbook)
    return run_decider(stream_settings(settings), decider_of(versions), clock_from(settings.clock), versions)


def deliver() -> None:
    """The courier."""
    from outreach.delivery.run import run_courier  # noqa: PLC0415 - each process carries only what it needs

    settings = DeliverSettings.model_validate({})
    run_courier(settings, begin(settings, settings.playbook))


def journal() -> None:
    """What happened, in SQL."""
    from outreach.journal.run import run_journal  # noqa: PLC0415 - each process carries only what it needs

    run_journal(begin_logs(JournalSettings.model_validate({})))


def begin(settings: CareSettings, path: Path) -> Versions:
    """Logs as agreed, and a playbook without errors: at the start a broken one is fatal, with every place (DESIGN section 8)."""
    begin_logs(settings)
    folder = load_folder(path)
    for problem in folder.errors:
        log.error("playbook: %s:%d:%d %s %s", problem.file, problem.line, problem.column, problem.code, problem.message)
    if folder.errors:
        sys.exit(f"the playbook has {len(folder.errors)} errors: `care lint {path}` shows them")
    log.info("playbook %s with %d rules", folder.playbook.version, len(folder.rules))
    return Versions(folder, path)


if __name__ == "__main__":
    verbs = {"decide": decide, "deliver": deliver, "journal": journal}
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        sys.exit("usage: python -m outreach decide|deliver|journal")
    sys.exit(verbs[sys.argv[1]]())
