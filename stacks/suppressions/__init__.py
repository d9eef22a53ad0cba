"""What scanners report and is meant to be: one list, each entry with its reason. Pure.

A paid option that is off, or a choice of the description, is suppressed where it is rendered (``metadata`` writes it
into the template), so that whoever scans the template reads why. ``make scan`` proves that nothing is left over, and
nothing stale here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions import account, compute, content
from stacks.suppressions.when import Suppression

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BY_TYPE", "CFN_LINT", "Suppression"]

BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {**compute.BY_TYPE, **content.BY_TYPE, **account.BY_TYPE}
CFN_LINT = {
    "config": {"ignore_checks": ["I1022"]},
    "reason": "Control Tower's rules read the ARN of a bucket's objects only as Fn::Join",
}
"""What cfn-lint's informational rules are told where a template has bucket policies."""
