"""An empty template, with what every template of ours starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

from troposphere import BaseAWSObject, Output, Parameter, Template

from stacks.errors import StacksError

if TYPE_CHECKING:
    from stacks.app import Stage

_Resource = TypeVar("_Resource", bound=BaseAWSObject | list[BaseAWSObject])
_Parameter = TypeVar("_Parameter", bound=Parameter | list[Parameter])
_Output = TypeVar("_Output", bound=Output | list[Output])


class Unlimited(Template):
    """A template of any size: what is too large for CloudFormation is split or refused once it is rendered.

    A title that is taken is refused with a message: names of the description never meet (``naming.logical_id``), but
    what users add may.
    """

    def handle_duplicate_key(self, key: str | None) -> NoReturn:
        """Refuse a second resource, parameter or output of one name.

        Raises:
            StacksError: always.
        """
        raise StacksError(
            str(self.description or "template"), f"has {key} twice", "Give what you add a name of its own"
        )

    def add_resource(self, resource: _Resource) -> _Resource:
        """Add a resource, or several."""
        return self._update(self.resources, resource)

    def add_parameter(self, parameter: _Parameter) -> _Parameter:
        """Add a parameter, or several."""
        return self._update(self.parameters, parameter)

    def add_output(self, output: _Output) -> _Output:
        """Add an output, or several."""
        return self._update(self.outputs, output)


def empty_template(stage: Stage, content: str) -> Template:
    """A template of a stage without resources, described by what will be in it."""
    result = Unlimited(Description=f"{stage.app_name} {stage.name}: {content}")
    result.set_version("2010-09-09")
    return result
