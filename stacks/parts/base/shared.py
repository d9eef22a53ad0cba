"""What a platform shares with the other applications of its account: its network, identity providers of CI services.

An application names a platform by ``base.platform: infra/prod``. Its own base then makes nothing that an account has
once, and reads the network from Parameter Store. Nothing of an application may change the platform: its roles reach
resources of its own stacks only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Parameter, Ref, iam

from stacks import naming, wiring
from stacks.parts.policies import tagged
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, Template

    from stacks.app import Stage, Vpc

ISSUERS = {
    "github": ("token.actions.githubusercontent.com", "sts.amazonaws.com"),
    "gitlab": ("gitlab.com", "https://gitlab.com"),
}
"""CI service → the issuer of its tokens, and their audience."""
_ZONES = 2
"""Subnets that every platform has."""


def add_shared(template: Template, vpc: Vpc | None) -> None:
    """Declare what other applications read of a network that the platform makes."""
    if vpc is None or not vpc.is_ours:
        return
    declared = [wiring.NETWORK.declare(Ref("Vpc"), "Network of the account's applications")]
    for zone in range(1, vpc.zones + 1):
        text = f"Private subnet of zone {zone}"
        declared.append(wiring.private_subnet(zone).declare(Ref(f"PrivateSubnet{zone}"), text))
    for output in declared:
        if output.title not in template.outputs:
            template.add_output(output)


def shared_names(stage: Stage) -> tuple[str, ...]:
    """The names in Parameter Store by which other applications may read what a platform declares."""
    vpc = stage.base.vpc
    if not stage.base.shared or vpc is None or not vpc.is_ours:
        return ()
    outputs = (wiring.NETWORK, *(wiring.private_subnet(zone) for zone in range(1, vpc.zones + 1)))
    return tuple(f"{naming.published_prefix(stage, BASE)}{output.name}" for output in outputs)


def platform_parameters(platform: str) -> Iterator[Parameter]:
    """What a base template reads of the platform ``infra/prod``, when functions run in its network."""
    outputs = (wiring.NETWORK, *(wiring.private_subnet(zone) for zone in range(1, _ZONES + 1)))
    for output in outputs:
        yield Parameter(
            _title(output.name),
            Type="AWS::SSM::Parameter::Value<String>",
            Default=f"/{platform}/{BASE}/{output.name}",
            Description=f"Published by {platform.replace('/', '-')}-{BASE}",
        )


def platform_network() -> Ref:
    """The platform's network, for a property of the base template."""
    return Ref(_title(wiring.NETWORK.name))


def platform_subnets() -> list[Ref]:
    """Its private subnets of the first two zones."""
    return [Ref(_title(wiring.private_subnet(zone).name)) for zone in range(1, _ZONES + 1)]


def identity_providers(stage: Stage) -> Iterator[AWSObject]:
    """The providers by which CI services of all applications sign in; they stay when the platform goes.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
    """
    for service in stage.base.identity_providers:
        issuer, audience = ISSUERS[service]
        yield iam.OIDCProvider(
            f"{service.title()}Provider",
            Url=f"https://{issuer}",
            ClientIdList=[audience],
            Tags=tagged(stage, BASE),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )


def _title(output: str) -> str:
    return f"Platform{output}"
