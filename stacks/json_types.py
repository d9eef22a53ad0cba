"""Names for the plain data that templates, events and answers of AWS are.

Their values are numbers, texts, lists, objects and intrinsic functions, so they are typed no further: a key that
CloudFormation or an API adds must not break a reader. What the description says has
classes instead (``stacks/model/``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

JsonObject: TypeAlias = Mapping[str, Any]
"""An object of JSON or YAML that is only read."""
JsonDict: TypeAlias = dict[str, Any]
"""An object of JSON or YAML that its holder may change."""
TemplateData: TypeAlias = Mapping[str, Any]
"""A CloudFormation template: ``Resources``, ``Parameters``, ``Outputs`` and so on."""
ResourceData: TypeAlias = Mapping[str, Any]
"""A resource of a template: ``Type``, ``Properties``, ``DependsOn`` and so on."""
Properties: TypeAlias = Mapping[str, Any]
"""The ``Properties`` of a resource."""
StatementData: TypeAlias = Mapping[str, Any]
"""A statement of a policy document: ``Effect``, ``Action``, ``Resource`` and so on."""
