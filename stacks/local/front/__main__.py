"""Serves the two ports until it is stopped, or until the process that started it exits.

Settings come from the environment that ``stacks.local.emulator`` makes; MiniStack reads its own from the same place.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from .databases import Databases
from .edge import Edge
from .gate import Gate, Ports, SiteGate
from .gateway import Gateway

if TYPE_CHECKING:
    from .asgi import AsgiApp

# Of no concern to the Lambda functions, which inherit the environment: an application may have its own LOG_LEVEL.
VARIABLES = (
    *("FRONT_DATABASES", "FRONT_EDGE_PORT", "FRONT_KEY", "FRONT_NOTICES", "FRONT_PARENT", "FRONT_POSTGRES"),
    *("FRONT_SECRET", "LOG_LEVEL"),
)
PARENT_SECONDS = 1.0  # how often the parent is looked for


async def serve(app: AsgiApp, port: int, stop: asyncio.Event) -> None:
    """Serve an ASGI application on a loopback port until ``stop`` is set; the other port stops when this one fails."""
    from hypercorn.asyncio import serve as hypercorn_serve  # noqa: PLC0415 - tests import this without the emulator
    from hypercorn.config import Config  # noqa: PLC0415

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    try:
        await hypercorn_serve(app, config, shutdown_trigger=stop.wait)
    finally:
        stop.set()


async def watch(parent: int, stop: asyncio.Event) -> None:
    """Set ``stop`` when this process has got another parent: ours has crashed, and no other process would stop us."""
    while os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PARENT_SECONDS)
            return
    stop.set()


async def main() -> None:
    """Serve the gateway and the edge."""
    os.umask(0o077)
    settings = dict(os.environ)
    from ministack.app import app  # noqa: PLC0415

    for name in VARIABLES:
        os.environ.pop(name, None)
    # The emulator checks forms signed by the account's root with these; functions get their role's instead.
    key, secret = settings["FRONT_KEY"], settings["FRONT_SECRET"]
    os.environ |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    databases = Databases(folder=Path(settings["FRONT_DATABASES"]), postgres=settings["FRONT_POSTGRES"])
    gateway = Gateway(
        app=app,
        region=settings["MINISTACK_REGION"],
        port=int(settings["GATEWAY_PORT"]),
        notices=Path(settings["FRONT_NOTICES"]),
        site=f"http://127.0.0.1:{settings['FRONT_EDGE_PORT']}",
        account=settings["MINISTACK_ACCOUNT_ID"],
        databases=databases,
    )
    ports = Ports(gateway=gateway.port, edge=int(settings["FRONT_EDGE_PORT"]))
    gate = Gate(app=gateway, ports=ports, key=key, secret=secret)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(gate, ports.gateway, stop))
        tasks.create_task(serve(SiteGate(app=Edge(gateway=gateway), ports=ports), ports.edge, stop))
        if parent := settings.get("FRONT_PARENT"):
            tasks.create_task(watch(int(parent), stop))
    databases.close()


if __name__ == "__main__":
    asyncio.run(main())
