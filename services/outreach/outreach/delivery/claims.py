"""Who may work on a command: a claim, and how it stands against what the ledger already knows."""

from dataclasses import dataclass

from outreach.delivery.outcome import IN_DOUBT, Outcome, State


@dataclass(frozen=True, slots=True)
class Claim:
    """The wish to work on a command, with its bytes.

    `now` and `until`, the end of the lease, are real ms since 1970; `at` is the clock's ms. `resend` is the rule's choice for what is in doubt.
    """

    command_id: str
    command: bytes
    address: str
    purpose: str
    resend: bool
    now: int
    until: int
    at: int


@dataclass(frozen=True, slots=True)
class Known:
    """A command's row as the ledger has it; `wake` as in the ledger."""

    outcome: Outcome
    attempts: int
    owner: str
    wake: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a claim stands.

    `mine` False: another courier is on it, its next try is not due, or nothing is left to do. With an `outcome` of the
    moment `at` only telling the stream is left. `stopped`: the address must not be written to for this purpose.
    """

    mine: bool
    outcome: Outcome | None = None
    at: int = 0
    attempts: int = 1
    stopped: bool = False


NOT_MINE = Standing(mine=False)


def stand(known: Known, claim: Claim, owner: str) -> Standing:
    """How `owner`'s claim stands against a row that exists already.

    A row found `attempting` that this very claim did not write was left by a dead courier, perhaps after the final dot:
    it is in doubt, and only the rule's `resend` sends it again.
    """
    if not _free(known, claim, owner):
        return NOT_MINE
    match known.outcome.state:
        case State.RETRY_AT:
            return Standing(mine=True, attempts=known.attempts + 1)
        case State.ATTEMPTING if _same(known, claim, owner):
            return Standing(mine=True, attempts=known.attempts)
        case State.ATTEMPTING if claim.resend:
            return Standing(mine=True, attempts=known.attempts + 1)
        case State.ATTEMPTING:
            return Standing(True, IN_DOUBT, claim.at, known.attempts)
        case _:
            return Standing(True, known.outcome, known.at, known.attempts)


def _free(known: Known, claim: Claim, owner: str) -> bool:
    if known.wake is None:
        return False
    return known.wake <= claim.now or (known.owner == owner and known.outcome.state is not State.RETRY_AT)


def _same(known: Known, claim: Claim, owner: str) -> bool:
    """Whether the row was written by this claim, whose acknowledgement was lost when the database went away."""
    return known.owner == owner and known.wake == claim.until
