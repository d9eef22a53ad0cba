"""What the rooms of this project ask of a kind of described resource, as one record of facts.

Everything that a loop over the kinds can derive is a field here; what needs code is in modules of the kind's folder
(``parts``), each imported by the room that asks for it, when it asks.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping

Part = Literal["prices", "resources", "rules", "suppressions"]
"""A module of a kind's folder, next to ``model``. Its protocol is in the package that uses it."""
Start = Literal["never", "pushed", "polled", "streamed"]
"""How things of a kind start functions. ``pushed``: by an asynchronous call, so the function keeps what it fails to
handle in dead letters of its own. ``polled``: Lambda reads batches, and what fails stays where it is. ``streamed``:
Lambda reads batches, and reports those that keep failing to the function's dead letters.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html"""


@value
class Kind:
    """A kind of described resource."""

    name: str
    """The key in the description, in its section, in functions that use such things and in ``events``: ``topics``. The
    kind's folder has the same name."""
    singular: str
    """What messages call one of them: ``topic``."""
    title: str
    """What pictures call one of them: ``SNS topic``. Empty where they do not show them."""
    section: Literal["backend", "data"]
    """The section it is described in, and the stack that holds it."""
    type: str
    """The CloudFormation type of the resource that the name stands for: ``AWS::SNS::Topic``."""
    suffix: str
    """What follows the name in logical ids: ``Topic``."""
    service: str
    """The IAM prefix of its actions: ``sns``."""
    endpoint: str | None
    """The interface endpoint by which functions in a network reach it, one of ``base.vpc.endpoints``: ``sns``."""
    inside: str = ""
    """The field of the section that the things are described in, where that is not ``name``: ``users.clients``."""
    single: bool = False
    """Whether a stage has at most one of them, described without a name; it is then known by the name of the kind."""
    also: tuple[str, ...] = ()
    """Other CloudFormation types that the resource of a name may have: ``AWS::DynamoDB::GlobalTable``."""
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Access that a function may have → the actions it needs. Empty when functions do not use such things."""
    used_as: str = ""
    """The field of functions that names the things they use, where that is not ``name``: ``invoke``."""
    access: str = ""
    """The access that functions have, where they list names without saying how they use them: ``read``."""
    variable: tuple[str, str] = ("", "")
    """The suffix of the environment variable for one, and its content: ``TOPIC_ARN``, ``the ARN``.
    Of a ``single`` kind it is the whole variable."""
    starts: Start = "never"
    """Whether such a thing starts functions (``events``)."""
    polling: str = ""
    """The access that a function needs to what it is started by, where that is ``polled``: ``receive``."""
    refers: Mapping[str, str] = field(default_factory=dict)
    """Fields that list names of other things, or have them as keys → the group these are described in, as
    ``{"queues": "backend.queues"}``. A field of a field is written ``credentials.tables``."""
    files: tuple[str, ...] = ()
    """Fields that name a file of JSON or YAML, which the loader reads into its place: ``definition``."""
    predefined: tuple[str, ...] = ()
    """Names of such resources that exist without being described: ``default``, the account's own bus."""
    named: bool = False
    """Whether its name in AWS is ``<app>-<stage>-<name>``, which an account has once in a region."""
    by_prefix: bool = True
    """Whether the boundary is for all names that begin with ``<app>-<stage>-``, which those of another application may
    do: it then denies what carries another stack's tag."""
    always: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """Actions that the boundary allows in every stage, so that base stays as it is when the first thing comes, and on
    what: the last part of ARNs, with ``{}`` for the beginning of names. Without ``by_prefix`` the stage's tags decide.
    """
    keeps_names: bool = True
    """Whether ``moved`` applies: the thing holds data, or others know it by its id."""
    shared: tuple[str, ...] = ()
    """Its CloudFormation types that stay in the first stack when functions are spread over several."""
    endings: tuple[str, ...] = ()
    """Endings of its other logical ids that end like those of another kind: ``TopicPolicy`` ends like ``Policy``."""
    parts: tuple[Part, ...] = ("resources",)
    """The modules of its folder, next to ``model``."""

    @property
    def group(self) -> str:
        """The path of the description that contains resources of this kind: ``backend.topics``."""
        return f"{self.section}.{self.inside or self.name}"

    @property
    def use_field(self) -> str:
        """The field of functions that names the things they use."""
        return self.used_as or self.name

    @property
    def types(self) -> tuple[str, ...]:
        """Every CloudFormation type that the resource of a name may have."""
        return (self.type, *self.also)

    @property
    def fails_to_dead_letters(self) -> bool:
        """Whether functions that such things start keep what they fail to handle in dead letters of their own."""
        return self.starts in {"pushed", "streamed"}

    def module(self, part: Part) -> str:
        """The name of one of its modules, for ``import_module``."""
        return f"stacks.kinds.{self.name}.{part}"
