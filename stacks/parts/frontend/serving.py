"""The two ways to serve a site, and what the application learns in each.

*One origin*: CloudFront answers for everything; the application makes addresses without the API's stage in them.
The viewer's host is believed where the description names it or a gate proves it; elsewhere forms are protected all
the same (``packaging/web_handler.py``), but absolute addresses that the application makes are the API's own, until
the description gives the function the distribution's domain as ``SITE_HOSTS`` (it is not known before the frontend).
*Split*: browsers ask the API itself for pages and CloudFront for static files; the application gets ``CDN_DOMAIN``,
and the web ACL also protects the API's stage. The distribution then knows nothing of the API, so the backend may read
the distribution's domain, and one deployment is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks import wiring
from stacks.stages.serving import is_behind_gate, is_split
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template

    from stacks.app import Stage


def edge_variables(stage: Stage) -> Iterator[tuple[str, Any]]:
    """What a web application learns about how requests reach it."""
    domain = stage.frontend.domain
    if is_split(stage):
        yield "CDN_DOMAIN", domain.name if domain else wiring.DISTRIBUTION_DOMAIN.read(stage)
        return
    yield "STRIP_STAGE_PATH", "true"  # CloudFront adds the API's stage; links must not carry it
    if domain:
        yield "SITE_HOSTS", " ".join(domain.names)
    elif is_behind_gate(stage):
        yield "SITE_HOSTS", "*"  # the gate lets through only what our CloudFront sends, so it is trustworthy


def add_api_web_acl(template: Template, stage: Stage) -> None:
    """Put the site's rules at the API's stage, in the backend template; nothing where CloudFront is in front of it."""
    waf = stage.frontend.waf
    if not is_split(stage) or waf is None or waf.direct_api:
        return
    from troposphere import GetAtt, Sub, wafv2  # noqa: PLC0415 - for few

    from stacks.parts.frontend.waf import add_web_acl  # noqa: PLC0415

    acl = add_web_acl(template, waf, stage, STACK)
    api = Sub("arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Api}/stages/${ApiStage}")
    template.add_resource(wafv2.WebACLAssociation("WebAclAssociation", ResourceArn=api, WebACLArn=GetAtt(acl, "Arn")))
