"""The courier's way with one command: compose, claim, look once more, hand over, settle, tell the stream."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from care_contracts.clock import MS, Clock
from care_contracts.records import Command, Event
from care_contracts.wire import decode_command

from outreach.delivery.calling import Call, post
from outreach.delivery.claims import Claim, Standing
from outreach.delivery.composing import Composer, Mail
from outreach.delivery.connections import Connections, NoConnection
from outreach.delivery.faults import Point, reached
from outreach.delivery.grouped_writes import GroupedWrites
from outreach.delivery.ledger import Announced, Settle
from outreach.delivery.limits import Limits
from outreach.delivery.metrics import Metrics
from outreach.delivery.one_at_a_time import OneAtATime
from outreach.delivery.outcome import NO_VERSION, SENT, SUPPRESSED, Category, Outcome, State, expired, settled
from outreach.delivery.pace import Pace
from outreach.delivery.replies import judge
from outreach.delivery.telling import event_about
from outreach.delivery.transmission import transmit

log = logging.getLogger(__name__)


class NotNow(Exception):
    """The command was let go before anything happened: its partition is not ours any more, or the process ends."""


@dataclass(frozen=True, slots=True)
class Courier:
    """Carries out commands; safe to be called for many at once and for the same one again. `real` gives real ms since 1970.

    `composer_of` gives the composer of a version of the playbook, None when that cannot be found; `unpacked` gives a command with the gift in it;
    `stopped` says why letters are put off, "" while they go.
    """

    composer_of: Callable[[str], Awaitable[Composer | None]]
    connections: Connections
    writes: GroupedWrites
    tell: Callable[[Event], Awaitable[None]]
    clock: Clock
    real: Callable[[], int]
    metrics: Metrics
    unpacked: Callable[[Command], Awaitable[Command | Outcome]]
    pace: Pace = field(default_factory=Pace)
    stopped: Callable[[], str] = lambda: ""
    limits: Limits = field(default_factory=Limits)
    _turns: OneAtATime = field(default_factory=OneAtATime)

    async def carry_out(self, raw: bytes, wanted: Callable[[], bool] = lambda: True, queued: int | None = None) -> None:
        """Returns when nothing is left to do for the command, or when the ledger remembers what is.

        Raises Unreadable for bytes that are no command, NotNow when it was not begun because `wanted()` turned false.
        `queued` is when the command was put on the topic, in real ms.
        """
        command = decode_command(raw)
        async with self._turns.of(command.command_id):
            standing, outcome = await self._become(command, raw, wanted)
            if not standing.mine:
                return
            at = standing.at
            if standing.outcome is None:
                reached(Point.AFTER_250)
                outcome, at = await self._settle(command, standing, outcome)
                reached(Point.AFTER_RECORD)
                self._count(command, outcome, queued)
            if outcome.state is not State.RETRY_AT:
                await self.tell(event_about(command, outcome, at, self.clock.now()))
                await self.writes.write(Announced(command.command_id))

    async def _become(self, command: Command, raw: bytes, wanted: Callable[[], bool]) -> tuple[Standing, Outcome]:
        """The standing, and what became of the command now or before."""
        ready = await self._made_ready(command)
        if isinstance(ready, Outcome):
            return await self._without_mail(command, raw, ready)
        if isinstance(ready, Call):
            return await self._call(command, raw, ready)
        try:
            return await self._hand_over(command, raw, ready, wanted)
        except NoConnection as away:
            if not wanted():
                raise NotNow from away
            return await self._without_mail(command, raw, expired(str(away)))

    async def _made_ready(self, command: Command) -> Mail | Call | Outcome:
        """Points were counted when they were granted and are told however late it is; what else comes too late takes no code from its pool."""
        if command.kind == "reward" and "points" in command.options:
            return SENT
        if self._too_late(command):
            return expired()
        if command.kind == "send" and (why := self.stopped()):
            return Outcome(State.RETRY_AT, Category.STOPPED, f"letters are stopped: {why}")
        composer = await self.composer_of(command.playbook)
        if composer is None:
            return NO_VERSION
        unpacked = await self.unpacked(command)
        return unpacked if isinstance(unpacked, Outcome) else composer.prepare(unpacked)

    async def _call(self, command: Command, raw: bytes, call: Call) -> tuple[Standing, Outcome]:
        """Another system is called; it knows by the call's id what it has seen already."""
        standing = await self.writes.write(self._claim(command, raw))
        if not standing.mine or standing.outcome:
            return standing, standing.outcome or SUPPRESSED
        return standing, await post(call, self.real())

    async def _without_mail(self, command: Command, raw: bytes, outcome: Outcome) -> tuple[Standing, Outcome]:
        standing = await self.writes.write(self._claim(command, raw))
        return standing, standing.outcome or outcome

    async def _hand_over(self, command: Command, raw: bytes, mail: Mail, wanted: Callable[[], bool]) -> tuple[Standing, Outcome]:
        """The claim is made as late as possible: with a connection in hand, so that a crash leaves few messages in doubt."""
        connected = self.connections.one(lambda: not wanted() or self._too_late(command))
        async with self.limits.room(mail.envelope.recipient), connected as session:
            await self.limits.turn()
            if not wanted():
                raise NotNow
            claim = self._claim(command, raw)
            standing = await self.writes.write(claim)
            if not standing.mine or standing.outcome:
                return standing, standing.outcome or SUPPRESSED
            reached(Point.AFTER_CLAIM)
            if objection := self._last_look(command, claim, standing, mail, smtputf8=session.supports_extension("smtputf8")):
                return standing, objection
            return standing, judge(await transmit(session, mail.envelope, mail.content, self.pace.exchange))

    def _last_look(self, command: Command, claim: Claim, standing: Standing, mail: Mail, *, smtputf8: bool) -> Outcome | None:
        """What may have changed until this very moment."""
        if standing.stopped:
            return SUPPRESSED
        if self._too_late(command):
            return expired()
        if mail.envelope.utf8 and not smtputf8:
            return Outcome(State.FAILED, Category.UNSUPPORTED, "the address is not ASCII and the mail server lacks SMTPUTF8")
        if self.real() + self.pace.exchange * MS > claim.until:
            return Outcome(State.RETRY_AT, Category.TEMPORARY, "the claim took too long")
        return None

    async def _settle(self, command: Command, standing: Standing, outcome: Outcome) -> tuple[Outcome, int]:
        """Makes durable what the outcome comes to, and returns that with its moment (the clock's ms)."""
        at, delay = self.clock.now(), self.pace.retry.delay(standing.attempts)
        final = settled(outcome, resend=command.in_doubt == "resend", last_chance=at + delay * MS * self.clock.speed > command.not_after)
        wake = self.real() + round(MS * (delay if final.state is State.RETRY_AT else self.pace.lease))
        gone = final.state is State.REFUSED and final.category is Category.ADDRESS and command.kind == "send"
        await self.writes.write(Settle(command.command_id, final, at, wake, command.address if gone else "", command.kind == "send"))
        return final, at

    def _count(self, command: Command, outcome: Outcome, queued: int | None) -> None:
        if outcome.state is State.RETRY_AT:
            self.metrics.retries.inc()
            return
        self.metrics.outcomes.labels(outcome.state.value, outcome.category.value).inc()
        if outcome.category is Category.POLICY:
            self.metrics.sender_faults.inc()
            log.error("the mail server refuses us as a sender: %s (rule %s)", outcome.reason, command.rule)
        if outcome.state is State.SENT and queued:
            self.metrics.command_to_250.observe(max(0, self.real() - queued) / MS)
            if self.clock.is_real:
                self.metrics.accepted_to_250.observe(max(0, self.clock.now() - command.at) / MS)

    def _claim(self, command: Command, raw: bytes) -> Claim:
        now = self.real()
        return Claim(
            command.command_id,
            raw,
            command.address,
            command.purpose,
            command.in_doubt == "resend",
            now,
            now + round(self.pace.lease * MS),
            self.clock.now(),
        )

    def _too_late(self, command: Command) -> bool:
        return self.clock.now() > command.not_after
