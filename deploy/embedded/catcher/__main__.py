"""Composition root of the catcher: `python -m deploy.embedded.catcher SMTP_PORT WEB_PORT`, both on 127.0.0.1."""

import asyncio
import sys

import uvicorn

from deploy.embedded.catcher.mailbox import Mailbox
from deploy.embedded.catcher.receiving import protocol
from deploy.embedded.catcher.web import application


async def main(smtp_port: int, web_port: int) -> None:
    """Serves until SIGTERM or SIGINT."""
    mailbox = Mailbox()
    server = uvicorn.Server(uvicorn.Config(application(mailbox), host="127.0.0.1", port=web_port, log_level="warning", access_log=False))
    async with await asyncio.get_running_loop().create_server(lambda: protocol(mailbox), "127.0.0.1", smtp_port):
        await server.serve()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
