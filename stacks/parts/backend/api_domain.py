"""The API's own domain: certificate, mapping, and the record that leads there.

An edge endpoint takes certificates from us-east-1, all others from their own region.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, Join, Ref, apigateway, apigatewayv2, certificatemanager, route53

from stacks import naming, wiring
from stacks.parts.policies import tagged
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.model.api import ApiDomain

_TITLE = "ApiDomain"
_TLS = "TLS_1_2"


def add_domain(template: Template, stage: Stage) -> None:
    """Put the described domain into the backend template; nothing when there is none."""
    domain = stage.backend.api.domain
    if domain is None:
        return
    for resource in _resources(domain, stage):
        template.add_resource(resource)
    path = f"/{domain.base_path}".rstrip("/")
    template.add_output(wiring.API_DOMAIN_URL.declare(f"https://{domain.name}{path}", "The API at its own domain"))
    if domain.zone is None:
        record = Join(" ", [f"{domain.name} CNAME", _target(stage)])
        template.add_output(wiring.API_DNS_RECORD.declare(record, "Record to enter where the domain's DNS is"))


def _resources(domain: ApiDomain, stage: Stage) -> Iterator[AWSObject]:
    certificate: Any = domain.certificate
    if certificate is None:
        yield _certificate(domain, stage)
        certificate = Ref("ApiCertificate")
    if stage.backend.api.type == "http":
        yield from _http_domain(domain, certificate, stage)
    else:
        yield from _rest_domain(domain, certificate, stage)
    if domain.zone:
        target = route53.AliasTarget(DNSName=_target(stage), HostedZoneId=_zone(stage))  # type: ignore[attr-defined,no-untyped-call]
        yield route53.RecordSetType(
            "ApiRecord", Name=domain.name, Type="A", HostedZoneId=domain.zone, AliasTarget=target
        )


def _certificate(domain: ApiDomain, stage: Stage) -> certificatemanager.Certificate:
    proof = certificatemanager.DomainValidationOption(DomainName=domain.name, HostedZoneId=domain.zone)
    return certificatemanager.Certificate(
        "ApiCertificate",
        DomainName=domain.name,
        ValidationMethod="DNS",
        DomainValidationOptions=[proof],
        Tags=tagged(stage, STACK),
    )


def _rest_domain(domain: ApiDomain, certificate: Any, stage: Stage) -> Iterator[AWSObject]:
    endpoint = stage.backend.api.endpoint
    certificate_property = {"CertificateArn" if endpoint == "edge" else "RegionalCertificateArn": certificate}
    yield apigateway.DomainName(
        _TITLE,
        DomainName=domain.name,
        EndpointConfiguration=apigateway.EndpointConfiguration(Types=[endpoint.upper()]),
        SecurityPolicy=_TLS,
        Tags=tagged(stage, STACK),
        **certificate_property,
    )
    base: JsonDict = {"BasePath": domain.base_path} if domain.base_path else {}
    yield apigateway.BasePathMapping(
        "ApiMapping", DomainName=Ref(_TITLE), RestApiId=Ref("Api"), Stage=Ref("ApiStage"), **base
    )


def _http_domain(domain: ApiDomain, certificate: object, stage: Stage) -> Iterator[AWSObject]:
    # Titles of their own: CloudFormation cannot make a resource of one type into one of another.
    yield apigatewayv2.DomainName(
        f"Http{_TITLE}",
        DomainName=domain.name,
        DomainNameConfigurations=[
            apigatewayv2.DomainNameConfiguration(
                CertificateArn=certificate, EndpointType="REGIONAL", SecurityPolicy=_TLS
            )
        ],
        Tags=naming.tags(stage, STACK),
    )
    base: JsonDict = {"ApiMappingKey": domain.base_path} if domain.base_path else {}
    yield apigatewayv2.ApiMapping(
        "HttpApiMapping", DomainName=Ref(f"Http{_TITLE}"), ApiId=Ref("HttpApi"), Stage=Ref("HttpApiStage"), **base
    )


def _target(stage: Stage) -> GetAtt:
    api = stage.backend.api
    if api.type == "http":
        return GetAtt(f"Http{_TITLE}", "RegionalDomainName")
    return GetAtt(_TITLE, "DistributionDomainName" if api.endpoint == "edge" else "RegionalDomainName")


def _zone(stage: Stage) -> GetAtt:
    api = stage.backend.api
    if api.type == "http":
        return GetAtt(f"Http{_TITLE}", "RegionalHostedZoneId")
    return GetAtt(_TITLE, "DistributionHostedZoneId" if api.endpoint == "edge" else "RegionalHostedZoneId")
