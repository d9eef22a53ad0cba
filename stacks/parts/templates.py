"""An empty template, with what every template of ours starts with."""

from __future__ import annotations

from typing import TypeVar

from troposphere import AWSObject, Template

_Resource = TypeVar("_Resource", bound=AWSObject)


class Unlimited(Template):
    """A template of any size: what is too large for CloudFormation is split or refused once it is rendered."""

    def add_resource(self, resource: _Resource) -> _Resource:
        """Add a resource; a title that is taken is refused."""
        added: _Resource = self._update(self.resources, resource)
        return added


def empty_template(description: str) -> Template:
    """A template without resources."""
    made = Unlimited(Description=description)
    made.set_version("2010-09-09")
    return made
