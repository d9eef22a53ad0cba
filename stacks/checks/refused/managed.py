"""Managed policies of AWS that do not exist: under another path, or spelled otherwise."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from stacks.checks.managed_policies import MANAGED_POLICIES
from stacks.checks.rule import Hit, Stacks, refusal, rule
from stacks.checks.values import estimate
from stacks.json_types import items

if TYPE_CHECKING:
    from collections.abc import Iterator

_AWS_POLICY = re.compile(r"arn:[^:]+:iam::aws:policy/(.+)")
_MANAGED = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"


@refusal(
    "IAM-MANAGED",
    why="IAM refuses a role with a managed policy that does not exist",
    fix="Correct the policy's ARN, path included",
    source=_MANAGED,
)
def aws_managed_policies_have_their_path(stacks: Stacks) -> Iterator[Hit]:
    """A policy of AWS is named with its path."""
    return (hit for hit, name, right in _misnamed(stacks) if name == right)


@rule(
    "IAM-MANAGED-NAME",
    why="IAM refuses a managed policy that does not exist, and this one is on no list and close to one that is",
    fix="Correct the policy's name, unless AWS has added it since",
    source=_MANAGED,
)
def aws_managed_policies_are_spelled_as_aws_does(stacks: Stacks) -> Iterator[Hit]:
    """A policy of AWS is spelled as AWS spells it."""
    return (hit for hit, name, right in _misnamed(stacks) if name != right)


def _misnamed(stacks: Stacks) -> Iterator[tuple[Hit, str, str]]:
    """Policies of AWS that are on no list: where, the name as it is written, and that of the one that may be meant."""
    for resource in stacks.of("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
        for index, policy in enumerate(items(resource.properties.get("ManagedPolicyArns"))):
            match = _AWS_POLICY.fullmatch(estimate(policy, resource.region) or "")
            right = rightly(match[1]) if match else None
            if match and right:
                hit = resource.hit(f"ManagedPolicyArns[{index}]", f"there is no {match[1]}, but {right}")
                yield hit, match[1].rpartition("/")[2], right.rpartition("/")[2]


def rightly(path: str) -> str | None:
    """The policy that is meant by a path that is not known, or None when it is known or like none of them."""
    name = path.rpartition("/")[2]
    known = {policy.rpartition("/")[2]: policy for policy in MANAGED_POLICIES}
    if name in known:
        return known[name] if known[name] != path else None
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.93)
    return known[close[0]] if close else None


RULES = (aws_managed_policies_have_their_path, aws_managed_policies_are_spelled_as_aws_does)
