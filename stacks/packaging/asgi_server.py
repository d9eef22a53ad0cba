"""One request → one call of an ASGI application, whose whole answer is gathered; ``stacks_asgi.py`` in a zip.

It runs inside Lambda and imports the standard library only. The event loop lives as long as the instance, so what an
application opens in its lifespan (connections, clients) is available in every request. An application is started once
and never shut down: Lambda ends an instance without notice.

Mangum is not used: it starts and shuts down the application around each request (``Mangum.__call__`` of 0.22 enters a
``LifespanCycle``), and it reads the event by rules of its own, so cookies, base paths, hosts and encodings would differ
from those of WSGI applications.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stacks.json_types import JsonDict

    Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
    Call = Callable[[dict[str, Any]], Awaitable[None]]

_STARTS_NOW = frozenset({"on-demand", "provisioned-concurrency"})
"""Kinds of initialization in which the application may open connections: a snapshot's would be dead when restored.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (AWS_LAMBDA_INITIALIZATION_TYPE)
"""


class Server:
    """An application, its event loop, and the state that its lifespan left for its requests."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._loop = asyncio.new_event_loop()
        self._state: JsonDict = {}
        self._lifespan: asyncio.Task[None] | None = None
        self._started = False

    def warm(self) -> None:
        """Start the application during a cold start, unless a snapshot is taken of it."""
        if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in _STARTS_NOW:
            self.start()

    def start(self) -> None:
        """Run the application's startup, once.

        Raises:
            RuntimeError: the application said that its startup failed.
        """
        if not self._started:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._startup())
            self._started = True

    def respond(self, scope: JsonDict, body: bytes) -> Answer:
        """Status, headers and body of the answer. Background tasks of the application are done before it returns.

        Raises whatever the application raises before its answer is complete; what it raises afterwards is logged.
        """
        self.start()
        return self._loop.run_until_complete(self._answer({**scope, "state": self._state.copy()}, body))

    def close(self) -> None:
        """End the event loop and what still runs on it, without the application's shutdown. Lambda never calls this."""
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _startup(self) -> None:
        answers: asyncio.Queue[JsonDict] = asyncio.Queue()
        messages = iter([{"type": "lifespan.startup"}])

        async def receive() -> JsonDict:
            for message in messages:
                return message
            return await self._loop.create_future()  # type: ignore[no-any-return]  # shutdown never comes

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}

        async def live() -> None:
            await self._application(scope, receive, answers.put)

        self._lifespan = self._loop.create_task(live())
        answer = self._loop.create_task(answers.get())
        await asyncio.wait((self._lifespan, answer), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():  # an exception instead of an answer means: no lifespan (ASGI, "Lifespan Protocol")
            answer.cancel()
            self._lifespan.exception()
        elif answer.result()["type"] == "lifespan.startup.failed":
            message = f"The application's startup failed: {answer.result().get('message', '')}"
            raise RuntimeError(message)

    async def _answer(self, scope: JsonDict, body: bytes) -> Answer:
        start: JsonDict = {}
        content, sent, complete = bytearray(), iter([body]), asyncio.Event()

        async def receive() -> JsonDict:
            for part in sent:
                return {"type": "http.request", "body": part, "more_body": False}
            await complete.wait()
            return {"type": "http.disconnect"}

        async def send(message: JsonDict) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                content.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    complete.set()

        try:
            await self._application(scope, receive, send)
        except Exception:
            if not complete.is_set():
                raise
            traceback.print_exc(file=sys.stderr)
        if not start:
            message = f"The application returned without an answer to {scope['method']} {scope['path']}."
            raise RuntimeError(message)
        return int(start["status"]), list(start.get("headers", [])), bytes(content)
