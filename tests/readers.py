"""Who reads the user pool and the web ACL of a stage, each as it is on the local AWS now."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.running import Running

FUNCTION = "notes-dev-list-notes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """The pool of the data stack with the three that read it, and the web ACL with the distribution that reads it."""

    pool: str
    function: str
    alias: str
    client: str
    """Of the published site: ``config.json``."""
    acl: str
    edge: str

    @property
    def agree(self) -> bool:
        """Whether everyone reads what there is."""
        return self.pool == self.function == self.alias == self.client and self.acl == self.edge

    def moved_since(self, before: Readers) -> bool:
        """Whether each value is another one than before."""
        return all(new != old for new, old in zip(astuple(self), astuple(before), strict=True))


def readers(account: Running) -> Readers:
    """As they are; the function has an alias."""
    functions: Any = account.client("lambda")
    cloudfront: Any = account.client("cloudfront")
    outputs = account.outputs()
    distribution = cloudfront.get_distribution_config(Id=outputs["frontend"]["DistributionId"])

    def pool(**qualifier: str) -> str:
        result = functions.get_function_configuration(FunctionName=FUNCTION, **qualifier)
        return str(result["Environment"]["Variables"]["USER_POOL_ID"])

    return Readers(
        pool=outputs["data"]["UserPoolId"],
        function=pool(),
        alias=pool(Qualifier="live"),
        client=str(account.visitor().ask("/app/config.json").json()["userPoolId"]),
        acl=outputs["frontend-edge"]["WebAclArn"],
        edge=str(distribution["DistributionConfig"]["WebACLId"]),
    )
