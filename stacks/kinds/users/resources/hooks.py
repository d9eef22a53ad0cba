"""Functions that Cognito calls on the way: the pool names them by ARN, the backend stack lets the pool call them.

The pool is deployed before the backend, whose API asks for the pool's tokens; so the pool must not read from the
backend. It need not: a function's name is fixed, and so is its ARN. Until the backend is deployed for the first
time the functions do not exist, and nobody can sign in to what does not exist either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Ref, awslambda

from stacks import naming, wiring
from stacks.parts.policies import arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Sub

    from stacks.app import Stage


def hooks(stage: Stage) -> dict[str, Sub]:
    """The pool's ``LambdaConfig``: ``PreSignUp`` → the ARN of the function."""
    triggers = stage.data.users.triggers if stage.data.users else {}
    return {_property(trigger): _function(name, stage) for trigger, name in sorted(triggers.items())}


def _property(trigger: str) -> str:
    return "".join(word.capitalize() for word in trigger.split("_"))


def _function(name: str, stage: Stage) -> Sub:
    return arn("lambda", f"function:{naming.prefix(stage)}-{name}")


def permissions(stage: Stage) -> Iterator[awslambda.Permission]:
    """What lets this pool, and no other, call each function once named; they belong into the backend stack."""
    triggers = stage.data.users.triggers if stage.data.users else {}
    for name in sorted(set(triggers.values())):
        yield awslambda.Permission(
            naming.logical_id(name, "UsersPermission"),
            FunctionName=Ref(naming.logical_id(name, "Function")),
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceArn=wiring.USER_POOL_ARN.read(stage),
        )
