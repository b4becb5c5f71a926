"""An SMTP server that follows a script: at each verb it answers as told, or drops the connection."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

DROP = "drop"
HANG = "hang"
DROP_IN_BODY = "drop in the body"


@dataclass
class ScriptedServer:
    """`script` maps MAIL, RCPT, DATA, BODY or DOT to the answer it shall give; a list is used up one by one, then all is well."""

    script: dict[str, list[str]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 10000000")
    inbox: list[bytes] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    reached: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    port: int = 0
    connections: int = 0

    def message_ids(self) -> list[str]:
        return [line.split(b": ", 1)[1].decode() for message in self.inbox for line in message.split(b"\r\n") if line.startswith(b"Message-ID: ")]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 scripted\r\n")
        while line := await reader.readline():
            verb = line[:4].decode().strip().upper()
            self.verbs.append(line.decode().strip())
            self.reached[verb].set()
            answer = self._scripted(verb) or {"EHLO": self._ehlo(), "DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
            if not await self._answer(writer, answer) or verb == "QUIT":
                return
            if verb == "DATA" and answer.startswith("354") and not await self._body(reader, writer):
                return

    async def _body(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self._scripted("BODY"):
            return False
        body = await reader.readuntil(b"\r\n.\r\n")
        self.reached["DOT"].set()
        answer = self._scripted("DOT")
        if answer in (None, "250 ok", DROP, HANG):
            self.inbox.append(body[:-3].replace(b"\r\n..", b"\r\n."))
        return await self._answer(writer, answer or "250 ok")

    async def _answer(self, writer: asyncio.StreamWriter, answer: str) -> bool:
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer == DROP:
            return False
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        return not answer.startswith("421")

    def _scripted(self, verb: str) -> str | None:
        answers = self.script.get(verb)
        return answers.pop(0) if answers else None

    def _ehlo(self) -> str:
        lines = ("scripted", *self.extensions)
        return "\r\n".join(f"250{'-' if number < len(lines) else ' '}{line}" for number, line in enumerate(lines, 1))


@asynccontextmanager
async def scripted(script: Mapping[str, str | list[str]] | None = None, **more: object) -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer({verb: [answers] if isinstance(answers, str) else list(answers) for verb, answers in (script or {}).items()}, **more)  # type: ignore[arg-type] # a test's shorthand
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**24)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
