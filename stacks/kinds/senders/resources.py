"""Identities of SES, with the records that verify a domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Output, Sub, route53, ses

from stacks import naming
from stacks.blocks.policies import arn
from stacks.parts.policies import tagged
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template

    from stacks.app import Stage
    from stacks.blocks.policies import Value

_TOKENS = (1, 2, 3)
"""SES verifies a domain by three records. https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html"""


def add(template: Template, stage: Stage) -> None:
    """Put the described identities into the backend template; of a domain, its records or outputs with them."""
    for name, sender in stage.backend.senders.items():
        if sender.existing:
            continue
        title = naming.logical_id(name, "Sender")
        template.add_resource(ses.EmailIdentity(title, EmailIdentity=sender.identity, Tags=tagged(stage, STACK)))
        if sender.domain and sender.zone:
            for record in _records(title, sender.zone):
                template.add_resource(record)
        elif sender.domain:
            for output in _outputs(title, sender.domain):
                template.add_output(output)


def _records(title: str, zone: str) -> Iterator[route53.RecordSetType]:
    for token in _TOKENS:
        yield route53.RecordSetType(
            f"{title}Dkim{token}",
            HostedZoneId=zone,
            Name=GetAtt(title, f"DkimDNSTokenName{token}"),
            Type="CNAME",
            TTL="1800",
            ResourceRecords=[GetAtt(title, f"DkimDNSTokenValue{token}")],
        )


def _outputs(title: str, domain: str) -> Iterator[Output]:
    for token in _TOKENS:
        yield Output(
            f"{title}Dkim{token}",
            Description=f"Record {token} of 3 to enter in the DNS of {domain}",
            Value=Sub(f"${{{title}.DkimDNSTokenName{token}}} CNAME ${{{title}.DkimDNSTokenValue{token}}}"),
        )


def identity(name: str, stage: Stage) -> Value:
    """What a function learns about a sender: its domain or address."""
    return str(stage.backend.senders[name].identity)


def arns(name: str, stage: Stage) -> list[Value]:
    """The identity that rights to send are for: https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html."""
    return [arn("ses", f"identity/{stage.backend.senders[name].identity}")]


def all_arns(stage: Stage) -> list[Value]:
    """The identities of the stage."""
    identities = sorted({sender.identity for sender in stage.backend.senders.values()})
    return [arn("ses", f"identity/{identity}") for identity in identities]
