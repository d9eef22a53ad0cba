"""``invoke``: call a deployed function with an event of a file, and print what it returns."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from stacks.commands.aws import connected, endpoint
from stacks.commands.common import described, stage
from stacks.deploy.execute import check_account
from stacks.errors import UsageError, nearest
from stacks.files import text_of
from stacks.naming import prefix
from stacks.reporting import done

if TYPE_CHECKING:
    from argparse import Namespace

_LIMIT = 6 * 1024 * 1024
"""Bytes of an event: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""


def run(arguments: Namespace) -> int:
    """Print the returned JSON; a function that fails is reported with the end of its log, and 1 is the exit code."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    functions = chosen.backend.functions
    if arguments.function not in functions:
        raise UsageError(f"function {arguments.function!r}", "is not described", nearest(arguments.function, functions))
    event = _event(arguments)
    from stacks.aws.functions import BotoFunctions  # noqa: PLC0415 - brings boto3

    target = connected(BotoFunctions, chosen, endpoint(arguments))
    check_account(target, chosen.account)
    alias = "live" if functions[arguments.function].has_alias else None
    answer = target.invoke(f"{prefix(chosen)}-{arguments.function}", chosen.region, event, alias=alias)
    print(answer.payload)
    done(payload=answer.payload, failed=answer.failed, log=answer.log)
    if answer.failed:
        print(f"{answer.log.rstrip()}\n{arguments.function} failed.".lstrip(), file=sys.stderr)
    return int(answer.failed)


def _event(arguments: Namespace) -> str:
    if arguments.event is None:
        return "{}"
    where = f"--event {arguments.event}"
    try:
        text: str = text_of(arguments.event)
        json.loads(text)
    except FileNotFoundError:
        raise UsageError(where, "does not exist", "Create it, or correct the path") from None
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        raise UsageError(where, what, "Give a file of JSON") from None
    except ValueError as error:
        raise UsageError(where, f"is not JSON: {error}", "Correct it") from None
    if len(text.encode()) > _LIMIT:
        raise UsageError(where, "is larger than the 6 MB that Lambda takes", "Make it smaller")
    return text
