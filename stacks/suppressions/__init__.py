"""What scanners report and is intended: one list, each entry with its reason. Pure.

A paid option that is off, or a choice of the description, is suppressed where it is rendered (``metadata`` writes it
into the template), so that anyone who scans the template reads why. ``make scan`` proves that nothing is left over, and
nothing stale here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from stacks.kinds import KINDS
from stacks.suppressions import account, compute, content
from stacks.suppressions.when import Suppression

__all__ = ["BY_TYPE", "CFN_LINT", "Suppression"]

_Table = Mapping[str, tuple[Suppression, ...]]


def _of_kinds() -> _Table:
    modules = [import_module(kind.module("suppressions")) for kind in KINDS if "suppressions" in kind.parts]
    return {name: entries for module in modules for name, entries in module.BY_TYPE.items()}


BY_TYPE: _Table = {**compute.BY_TYPE, **content.BY_TYPE, **account.BY_TYPE, **_of_kinds()}
CFN_LINT = {
    "config": {"ignore_checks": ["I1022"]},
    "reason": "Control Tower's rules read the ARN of a bucket's objects only as Fn::Join",
}
"""Configuration of cfn-lint's informational rules for templates with bucket policies."""
