"""Where a stack is deployed → what the pseudo parameters of its template stand for. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


def pseudo_parameters(account: str, region: str, stack: str) -> dict[str, str]:
    """Name → value; ``AWS::StackId`` and the like are only known once the stack exists."""
    return {
        "AWS::AccountId": account,
        "AWS::Partition": partition(region),
        "AWS::Region": region,
        "AWS::StackName": stack,
        "AWS::URLSuffix": url_suffix(region),
    }


def partition(region: str) -> str:
    """The partition that a region is in, as ARNs have it."""
    return _PARTITIONS.get(region.rsplit("-", 2)[0], "aws")


def url_suffix(region: str) -> str:
    """The domain of AWS's addresses in a region."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
