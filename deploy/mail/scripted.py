"""An SMTP server that follows a script: at each step it answers as told, drops the connection, drips, is late or talks nonsense."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

_LARGEST_BODY = 2**25


@dataclass(frozen=True, slots=True)
class Say:
    """An answer: its bytes, `late` seconds after the question, `drip` seconds between two bytes, and what comes then."""

    raw: bytes = b""
    late: float = 0
    drip: float = 0
    then: Literal["go on", "close", "reset", "hang"] = "go on"

    @property
    def takes(self) -> bool:
        """Whether a server that says this after the final dot has the message: it says so, or dies before it could."""
        return self.raw[:1] in (b"2", b"")


DROP = Say(then="close")
HANG = Say(then="hang")
DROP_IN_BODY = DROP
Answer = str | Say
Script = Mapping[str, Answer | list[Answer]]


def said(answer: Answer) -> Say:
    """A text is a line; after 421 the server closes (RFC 5321, 3.8)."""
    if isinstance(answer, Say):
        return answer
    return Say(answer.encode() + b"\r\n", then="close" if answer.startswith("421") else "go on")


def goes_on(answer: Say) -> bool:
    """Whether the conversation does after this."""
    return answer.then == "go on"


@dataclass
class ScriptedServer:
    """`script` maps CONNECT, BODY, DOT or a verb to the answer it shall give; a list is used up one by one, then all is well. `always` is not used up."""

    script: dict[str, list[Answer]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 10000000")
    always: bool = False
    tls: ssl.SSLContext | None = None
    inbox: list[bytes] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    reached: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    port: int = 0
    connections: int = 0
    talking: set[asyncio.Task[Any] | None] = field(default_factory=set)

    def message_ids(self) -> list[str]:
        """Of the messages that were taken, in their order."""
        return [line.split(b": ", 1)[1].decode() for message in self.inbox for line in message.split(b"\r\n") if line.startswith(b"Message-ID: ")]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.talking.add(asyncio.current_task())
        try:
            if goes_on(await self._say(writer, "CONNECT", "220 scripted")):
                await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, RuntimeError, asyncio.CancelledError):
            pass  # the courier is gone (uvloop says so with a RuntimeError), or the trial is over
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            verb = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
            self.verbs.append(line.decode(errors="replace").strip())
            answer = await self._say(writer, verb, self._usual(verb))
            if not goes_on(answer) or verb == "QUIT":
                return
            if verb == "STARTTLS" and self.tls:
                await writer.start_tls(self.tls)
            if verb == "DATA" and answer.raw.startswith(b"354") and not goes_on(await self._body(reader, writer)):
                return

    def _usual(self, verb: str) -> str:
        return {"EHLO": self._ehlo(), "DATA": "354 go on", "QUIT": "221 bye", "STARTTLS": "220 go on", "AUTH": "235 welcome"}.get(verb, "250 ok")

    async def _body(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Say:
        """A script for BODY answers when the body has only begun."""
        if self._left("BODY"):
            await reader.read(1)
            return await self._say(writer, "BODY", "")
        body = await reader.readuntil(b"\r\n.\r\n")
        if said((self._left("DOT") or ["250"])[0]).takes:
            self.inbox.append(body[:-3].replace(b"\r\n..", b"\r\n."))
        return await self._say(writer, "DOT", "250 ok")

    async def _say(self, writer: asyncio.StreamWriter, step: str, usual: str) -> Say:
        """Answers at a step, and returns the answer."""
        self.reached[step].set()
        left = self._left(step)
        answer = said((left[0] if self.always else left.pop(0)) if left else usual)
        await asyncio.sleep(answer.late)
        for piece in _pieces(answer):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(answer.drip)
        if answer.then == "hang":
            await asyncio.Event().wait()
        if answer.then == "reset":
            writer.transport.abort()
        return answer

    def _left(self, step: str) -> list[Answer]:
        return self.script.get(step, [])

    def _ehlo(self) -> str:
        lines = ("scripted", *self.extensions)
        return "\r\n".join(f"250{'-' if number < len(lines) else ' '}{line}" for number, line in enumerate(lines, 1))


def _pieces(answer: Say) -> list[bytes]:
    return [bytes([byte]) for byte in answer.raw] if answer.drip else [answer.raw]


@asynccontextmanager
async def scripted(
    script: Script | None = None,
    *,
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 10000000"),
    always: bool = False,
    tls: ssl.SSLContext | None = None,
    implicit: bool = False,
) -> AsyncIterator[ScriptedServer]:
    """A server on a free port of 127.0.0.1; `tls` is used from the first byte where it is `implicit`, else after STARTTLS."""
    steps = {step: list(answers) if isinstance(answers, list) else [answers] for step, answers in (script or {}).items()}
    server = ScriptedServer(steps, extensions, always, tls)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=_LARGEST_BODY, ssl=tls if implicit else None)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        over = [task for task in server.talking if task and task.cancel()]
        await asyncio.gather(*over)
