"""An empty template, with what every template of ours starts with."""

from __future__ import annotations

from typing import TypeVar

from troposphere import BaseAWSObject, Output, Parameter, Template

_Resource = TypeVar("_Resource", bound=BaseAWSObject | list[BaseAWSObject])
_Parameter = TypeVar("_Parameter", bound=Parameter | list[Parameter])
_Output = TypeVar("_Output", bound=Output | list[Output])


class Unlimited(Template):
    """A template of any size: what is too large for CloudFormation is split or refused once it is rendered.

    Titles that are taken are still refused.
    """

    def add_resource(self, resource: _Resource) -> _Resource:
        """Add a resource, or several."""
        return self._update(self.resources, resource)

    def add_parameter(self, parameter: _Parameter) -> _Parameter:
        """Add a parameter, or several."""
        return self._update(self.parameters, parameter)

    def add_output(self, output: _Output) -> _Output:
        """Add an output, or several."""
        return self._update(self.outputs, output)


def empty_template(description: str) -> Template:
    """A template without resources."""
    made = Unlimited(Description=description)
    made.set_version("2010-09-09")
    return made
