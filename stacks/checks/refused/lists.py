"""Lists that AWS refuses for their length, or for naming one thing twice, as one table.

A quota that an account can have raised is advice, not a refusal. ``stacks.types`` has those that descriptions fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.checks.refused.reading import plain, values_at
from stacks.checks.refused.row import RefusedRow
from stacks.checks.values import known_list, text
from stacks.forecast.table_parts import TABLES
from stacks.json_types import at
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.checks.rule import Grade, Hit, Stacks

_AWS = "https://docs.aws.amazon.com"
_CDN = f"{_AWS}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"
_IAM = f"{_AWS}/IAM/latest/UserGuide/reference_iam-quotas.html"
_RAISED = ", and more once AWS has raised the quota of the account"


@dataclass(frozen=True, slots=True, kw_only=True)
class List(RefusedRow):
    """How many items a list takes at most, and by what no two of them are the same."""

    id: str
    types: tuple[str, ...]
    path: str
    what: str
    """``cache behaviors``."""
    source: str
    most: int | None = None
    key: str = ""
    """A property of the items, unique among them; each text itself when it is ``.``."""
    grade: Grade = "refused"

    def find(self, stacks: Stacks) -> Iterator[Hit]:
        """The list is one that the service takes."""
        for resource in stacks.of(*self.types):
            for place, result in values_at(resource.properties, self.path):
                items = known_list(result)
                if self.most is not None and len(items) > self.most:
                    yield resource.hit(place, f"has {len(items)} {self.what}")
                names = [text(item if self.key == "." else at(item, self.key)) for item in items] if self.key else []
                plain_names = [None if name is None else plain(name, resource.region) for name in names]
                for name in sorted({name for name in plain_names if name is not None and plain_names.count(name) > 1}):
                    yield resource.hit(place, f"has {name!r} twice")

    @property
    def why(self) -> str:
        """What AWS takes."""
        number = f"up to {self.most:,} {self.what}" if self.most else self.what
        once = f"{' and each' if self.most else ', each'} once" if self.key else ""
        return f"{self.types[0]} takes {number}{once}{_RAISED if self.grade == 'advice' else ''}"

    @property
    def fix(self) -> str:
        """How to correct it."""
        return "Use fewer, and each once"


ROWS = (
    List(
        id="CDN-BEHAVIORS",
        types=("AWS::CloudFront::Distribution",),
        path="DistributionConfig.CacheBehaviors",
        what="cache behaviors in addition to the default one",
        source=_CDN,
        most=known("AWS::CloudFront::Distribution").most("DistributionConfig.CacheBehaviors"),
        grade="advice",
    ),
    List(
        id="CDN-ORIGINS",
        types=("AWS::CloudFront::Distribution",),
        path="DistributionConfig.Origins",
        what="origins",
        source=_CDN,
        most=known("AWS::CloudFront::Distribution").most("DistributionConfig.Origins"),
        grade="advice",
    ),
    List(
        id="ROLE-POLICIES",
        types=("AWS::IAM::Role",),
        path="ManagedPolicyArns",
        what="managed policies",
        source=_IAM,
        most=25,
    ),
    List(
        id="ROLE-POLICIES-QUOTA",
        types=("AWS::IAM::Role",),
        path="ManagedPolicyArns",
        what="managed policies",
        source=_IAM,
        most=known("AWS::IAM::Role").most("ManagedPolicyArns"),
        grade="advice",
    ),
    List(
        id="TABLE-INDEXES-QUOTA",
        types=TABLES,
        path="GlobalSecondaryIndexes",
        what="global indexes",
        source=f"{_AWS}/amazondynamodb/latest/developerguide/ServiceQuotas.html",
        most=known(TABLES[0]).most("GlobalSecondaryIndexes"),
        grade="advice",
    ),
    List(
        id="PIPELINE-PATTERNS",
        types=("AWS::CodePipeline::Pipeline",),
        path="Triggers.*.GitConfiguration.Push.*.FilePaths.Includes",
        what="patterns of paths in a trigger",
        source=f"{_AWS}/codepipeline/latest/APIReference/API_GitFilePathFilterCriteria.html",
        most=known("AWS::CodePipeline::Pipeline").most("Triggers.*.GitConfiguration.Push.*.FilePaths.Includes"),
    ),
    List(
        id="TABLE-INDEX-NAMES",
        types=TABLES,
        path="GlobalSecondaryIndexes",
        what="global indexes",
        source=f"{_AWS}/amazondynamodb/latest/APIReference/API_CreateTable.html",
        key="IndexName",
    ),
)

RULES = tuple(row.rule() for row in ROWS)
