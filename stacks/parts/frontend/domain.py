"""The site's own domain: certificate, alias records, and what to enter where the DNS is elsewhere.

CloudFront takes certificates from us-east-1 only, so one that is created here is with the web ACL: in the frontend
stack there, in ``frontend-edge`` for other stages. ACM proves it through records in the hosted zone by itself.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, Template, certificatemanager, cloudfront, route53

from stacks import naming, wiring
from stacks.parts.policies import tagged

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.model.frontend import Domain

# Every distribution's hosted zone, in all regions.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-route53-recordset-aliastarget.html
_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


def add_certificate(template: Template, domain: Domain, stage: Stage, stack: str) -> None:
    """Put the certificate into a template that is deployed in us-east-1."""
    proofs = [
        certificatemanager.DomainValidationOption(DomainName=name, HostedZoneId=domain.zone) for name in domain.names
    ]
    more: JsonDict = {"SubjectAlternativeNames": list(domain.names[1:])} if domain.names[1:] else {}
    template.add_resource(
        certificatemanager.Certificate(
            "Certificate",
            DomainName=domain.name,
            ValidationMethod="DNS",
            DomainValidationOptions=proofs,
            Tags=tagged(stage, stack),
            **more,
        )
    )


def viewer_certificate(stage: Stage) -> cloudfront.ViewerCertificate:
    """The certificate browsers see: CloudFront's own without a domain, for which no version of TLS can be set."""
    domain = stage.frontend.domain
    if domain is None:
        return cloudfront.ViewerCertificate(CloudFrontDefaultCertificate=True)
    inside = Ref("Certificate") if stage.region == naming.EDGE_REGION else wiring.CERTIFICATE.read(stage)
    return cloudfront.ViewerCertificate(
        AcmCertificateArn=domain.certificate or inside,
        MinimumProtocolVersion="TLSv1.2_2021",
        SslSupportMethod="sni-only",
    )


def add_records(template: Template, domain: Domain) -> None:
    """Alias records for both versions of IP, or an output that says what to enter elsewhere."""
    if domain.zone is None:
        text = "; ".join(f"{name} CNAME ${{Distribution.DomainName}}" for name in domain.names)
        template.add_output(wiring.DNS_RECORDS.declare(Sub(text), "Records to enter where the domain's DNS is"))
        return
    target = route53.AliasTarget(  # type: ignore[attr-defined,no-untyped-call]
        DNSName=GetAtt("Distribution", "DomainName"), HostedZoneId=_CLOUDFRONT_ZONE
    )
    for name in domain.names:
        for kind in ("A", "AAAA"):
            template.add_resource(
                route53.RecordSetType(
                    f"{'Www' if name.startswith('www.') and name != domain.name else 'Site'}{kind}Record",
                    Name=name,
                    Type=kind,
                    HostedZoneId=domain.zone,
                    AliasTarget=target,
                )
            )
