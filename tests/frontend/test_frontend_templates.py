"""What the options of the section ``frontend`` become, in us-east-1 and elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.errors import DescriptionError
from stacks.linting import lint
from stacks.loading import validated
from stacks.parts.frontend.behaviors import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED
from stacks.parts.frontend.headers import content_security_policy

if TYPE_CHECKING:
    from stacks.app import App

DOMAIN = {"name": "notes.example.com", "zone": "Z0123456789", "www": True}
CERTIFICATE = "arn:aws:acm:us-east-1:111111111111:certificate/1b2c"
ACL = "arn:aws:wafv2:us-east-1:111111111111:global/webacl/ours/0a1b2c3d"
EVERYTHING: dict[str, Any] = {
    "paths": {"/media/*": "media.example.com"},
    "domain": DOMAIN,
    "csp": {"sources": {"img-src": ["https://img.example.com"], "object-src": ["'self'"]}, "report_only": True},
    "countries": {"none_of": ["KP"]},
    "waf": {
        "groups": ["reputation", "anonymous", "common", "bad-inputs", "bots"],
        "allow": ["203.0.113.0/24", "2001:db8::/32"],
        "block": ["198.51.100.7/32"],
        "block_countries": ["KP"],
        "body_limit": 40_000,
        "count": ["common", "rate-limit"],
    },
}


def app(region: str, **frontend: Any) -> App:
    functions = {"web": {"wsgi": "src/f.py:f", "public": True}}
    return validated(
        {
            "name": "notes",
            "stages": {"s": {"region": region}},
            "data": {"users": True},
            "backend": {"functions": functions},
            "frontend": {"static": "static", "site": {"folder": "dist", "path": "/app"}, **frontend},
        }
    )


def stacks(region: str, **frontend: Any) -> dict[str, Any]:
    result = app(region, **frontend)
    return {stack.stack: stack.template for stack in render(result, result.stages["s"])}


def resource(template: dict[str, Any], name: str) -> Any:
    return template["Resources"][name]["Properties"]


def config(template: dict[str, Any]) -> Any:
    return resource(template, "Distribution")["DistributionConfig"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
@pytest.mark.parametrize("log", ["v2", "legacy"])
def test_every_option_together_passes_cfn_lint(region: str, log: str) -> None:
    result = app(region, access_log=log, **EVERYTHING)
    rendered = [stack for stack in render(result, result.stages["s"]) if stack.stack.startswith("frontend")]
    assert [str(finding) for finding in lint(rendered) if finding.fails] == []


def test_a_certificate_is_created_where_cloudfront_looks_for_it() -> None:
    result = stacks("eu-west-1", domain=DOMAIN)
    value = resource(result["frontend-edge"], "Certificate")
    assert (value["DomainName"], value["SubjectAlternativeNames"]) == ("notes.example.com", ["www.notes.example.com"])
    assert {option["HostedZoneId"] for option in value["DomainValidationOptions"]} == {"Z0123456789"}
    seen = config(result["frontend"])["ViewerCertificate"]
    assert seen["AcmCertificateArn"] == {"Fn::GetAtt": ["FrontendEdgeCertificateArn", "Value"]}
    assert (seen["MinimumProtocolVersion"], seen["SslSupportMethod"]) == ("TLSv1.2_2021", "sni-only")


def test_in_us_east_1_the_certificate_is_in_the_stack_of_the_distribution() -> None:
    result = stacks("us-east-1", domain=DOMAIN)
    assert "frontend-edge" not in result
    assert config(result["frontend"])["ViewerCertificate"]["AcmCertificateArn"] == {"Ref": "Certificate"}


def test_each_name_has_alias_records_that_go_with_the_distribution() -> None:
    frontend = stacks("eu-west-1", domain=DOMAIN)["frontend"]
    records = [
        entry["Properties"] for entry in frontend["Resources"].values() if entry["Type"] == "AWS::Route53::RecordSet"
    ]
    assert {(record["Name"], record["Type"]) for record in records} == {
        (name, kind) for name in ("notes.example.com", "www.notes.example.com") for kind in ("A", "AAAA")
    }
    targets = [record["AliasTarget"]["DNSName"] for record in records]
    assert targets == [{"Fn::GetAtt": ["Distribution", "DomainName"]}] * 4
    assert config(frontend)["Aliases"] == ["notes.example.com", "www.notes.example.com"]
    assert frontend["Outputs"]["SiteUrl"]["Value"] == "https://notes.example.com"


def test_with_dns_elsewhere_an_output_says_what_to_enter() -> None:
    result = stacks("eu-west-1", domain={"name": "n.example.com", "certificate": CERTIFICATE}, waf=False)
    assert "frontend-edge" not in result
    assert result["frontend"]["Outputs"]["DnsRecords"]["Value"] == {
        "Fn::Sub": "n.example.com CNAME ${Distribution.DomainName}"
    }
    assert not [
        entry for entry in result["frontend"]["Resources"].values() if entry["Type"] == "AWS::Route53::RecordSet"
    ]


def deliveries(template: dict[str, Any]) -> list[str]:
    return [
        entry["Type"].rpartition("::")[2] for entry in template["Resources"].values() if "Delivery" in entry["Type"]
    ]


def test_the_new_access_log_is_delivered_from_us_east_1() -> None:
    inside = stacks("us-east-1", access_log="v2")
    assert deliveries(inside["frontend"]) == ["DeliverySource", "DeliveryDestination", "Delivery"]
    outside = stacks("eu-west-1", access_log="v2")
    assert deliveries(outside["frontend"]) == []
    log = outside["frontend-logs-edge"]
    assert deliveries(log) == ["DeliverySource", "DeliveryDestination", "Delivery"]
    assert resource(log, "SiteLogSource")["ResourceArn"]["Fn::Sub"].endswith("/${FrontendDistributionId.Value}")
    read = {"StackName": "notes-s-frontend", "OutputName": "DistributionId", "Region": "eu-west-1"}
    assert resource(log, "FrontendDistributionId")["Value"] == {"Fn::GetStackOutput": read}


def test_the_access_log_has_no_cookies() -> None:
    fields = resource(stacks("us-east-1", access_log="v2")["frontend"], "SiteLogDelivery")["RecordFields"]
    assert not [field for field in fields if "cookie" in field.lower() or "referer" in field.lower()]
    legacy = stacks("eu-west-1", access_log="legacy")["frontend"]
    assert config(legacy)["Logging"]["IncludeCookies"] is False


def test_the_legacy_log_has_the_only_bucket_with_acls() -> None:
    frontend = stacks("eu-west-1", access_log="legacy")["frontend"]
    rules = {
        name: resource(frontend, name)["OwnershipControls"]["Rules"][0] for name in ("SiteBucket", "SiteLogBucket")
    }
    assert [rule["ObjectOwnership"] for rule in rules.values()] == ["BucketOwnerEnforced", "BucketOwnerPreferred"]


def test_functions_know_the_hosts_of_a_domain() -> None:
    variables = resource(stacks("eu-west-1", domain=DOMAIN)["backend"], "WebFunction")["Environment"]["Variables"]
    assert variables["SITE_HOSTS"] == "notes.example.com www.notes.example.com"


def test_without_a_gate_functions_get_the_host_from_the_description() -> None:
    """As README says under Limits: the distribution's domain, once it is known."""
    web = {"wsgi": "src/f.py:f", "public": True}
    described = {"name": "n", "stages": {"s": {"region": "eu-west-1"}}, "frontend": {"static": "static", "waf": False}}
    results = []
    for more in ({}, {"environment": {"SITE_HOSTS": "d111.cloudfront.net"}}):
        result = validated({**described, "backend": {"functions": {"web": {**web, **more}}}})
        (backend,) = [stack.template for stack in render(result, result.stages["s"]) if stack.stack == "backend"]
        results.append(resource(dict(backend), "WebFunction")["Environment"]["Variables"].get("SITE_HOSTS"))
    assert results == [None, "d111.cloudfront.net"]


def test_rules_of_the_web_acl_are_in_the_order_they_are_tried() -> None:
    acl = resource(stacks("eu-west-1", **EVERYTHING)["frontend-edge"], "WebAcl")
    assert [rule["Name"] for rule in acl["Rules"]] == [
        "allow",
        "block",
        "countries",
        "body-size",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesAnonymousIpList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesBotControlRuleSet",
        "rate-limit",
    ]
    assert [rule["Priority"] for rule in acl["Rules"]] == list(range(10))


def test_a_rule_that_counts_does_not_block() -> None:
    acl = resource(stacks("eu-west-1", **EVERYTHING)["frontend-edge"], "WebAcl")
    rules = {rule["Name"]: rule for rule in acl["Rules"]}
    assert rules["rate-limit"]["Action"] == {"Count": {}}
    assert rules["AWSManagedRulesCommonRuleSet"]["OverrideAction"] == {"Count": {}}
    assert rules["block"]["Action"] == {"Block": {}}
    assert rules["AWSManagedRulesBotControlRuleSet"]["OverrideAction"] == {"None": {}}


def test_a_body_limit_takes_the_place_of_the_common_rules_8_kb() -> None:
    acl = resource(stacks("eu-west-1", **EVERYTHING)["frontend-edge"], "WebAcl")
    rules = {rule["Name"]: rule["Statement"] for rule in acl["Rules"]}
    size = rules["body-size"]["SizeConstraintStatement"]
    assert (size["Size"], size["FieldToMatch"]["Body"]["OversizeHandling"]) == (40_000, "MATCH")
    override = rules["AWSManagedRulesCommonRuleSet"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert override == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    assert acl["AssociationConfig"]["RequestBody"]["CLOUDFRONT"] == {"DefaultSizeInspectionLimit": "KB_48"}


def test_networks_are_listed_by_version_of_ip() -> None:
    result = stacks("eu-west-1", **EVERYTHING)["frontend-edge"]
    sets = [entry["Properties"] for entry in result["Resources"].values() if entry["Type"] == "AWS::WAFv2::IPSet"]
    assert [(entry["IPAddressVersion"], entry["Addresses"]) for entry in sets] == [
        ("IPV4", ["203.0.113.0/24"]),
        ("IPV6", ["2001:db8::/32"]),
        ("IPV4", ["198.51.100.7/32"]),
    ]


def test_an_office_alone_is_let_in() -> None:
    """https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-not.html."""
    waf = {"allow_only": ["203.0.113.0/24", "2001:db8::/32"], "allow": ["198.51.100.7/32"]}
    resources = stacks("us-east-1", waf=waf)["frontend"]["Resources"]
    first, second, *_ = resources["WebAcl"]["Properties"]["Rules"]
    assert (first["Name"], first["Action"]) == ("allow", {"Allow": {}})
    assert (second["Name"], second["Action"]) == ("allow-only", {"Block": {}})
    lets_in = second["Statement"]["NotStatement"]["Statement"]["OrStatement"]["Statements"]
    arns = [entry["IPSetReferenceStatement"]["Arn"]["Fn::GetAtt"][0] for entry in lets_in]
    assert [resources[name]["Properties"]["Addresses"] for name in arns] == [["203.0.113.0/24"], ["2001:db8::/32"]]


@pytest.mark.parametrize(
    ("waf", "message"),
    [
        ({"direct_api": True}, "the API's own address stays open to every network"),
        ({"existing": ACL}, "is not put into a web ACL that already exists"),
    ],
)
def test_an_office_alone_goes_with_nothing_that_lets_in_others(waf: dict[str, Any], message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        stacks("us-east-1", waf={"allow_only": ["203.0.113.0/24"], **waf})


def test_an_existing_web_acl_is_used_as_it_is() -> None:
    result = stacks("eu-west-1", waf={"existing": ACL})
    assert "frontend-edge" not in result
    assert config(result["frontend"])["WebACLId"] == ACL


@pytest.mark.parametrize("waf", [False, {"direct_api": True}])
def test_without_a_web_acl_to_go_around_the_api_has_no_gate(waf: Any) -> None:
    frontend = stacks("eu-west-1", waf=waf)["frontend"]
    assert "ApiGate" not in frontend["Resources"]
    assert "OriginCustomHeaders" not in config(frontend)["Origins"][1]


def test_the_site_is_compressed_over_http_3_and_ipv6() -> None:
    result = config(stacks("eu-west-1")["frontend"])
    assert (result["HttpVersion"], result["IPV6Enabled"]) == ("http2and3", True)
    assert {entry["Compress"] for entry in (result["DefaultCacheBehavior"], *result["CacheBehaviors"])} == {True}


def test_the_api_is_asked_every_time_and_hears_all_but_the_host() -> None:
    behavior = config(stacks("eu-west-1")["frontend"])["DefaultCacheBehavior"]
    assert (behavior["TargetOriginId"], len(behavior["AllowedMethods"])) == ("api", 7)
    assert behavior["CachePolicyId"] == CACHING_DISABLED
    assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST


@pytest.mark.parametrize(
    ("options", "price_class"),
    [({}, "PriceClass_100"), ({"price_class": "200"}, "PriceClass_200"), ({"price_class": "all"}, "PriceClass_All")],
)
def test_where_cloudfront_answers_is_a_matter_of_price(options: dict[str, Any], price_class: str) -> None:
    assert config(stacks("eu-west-1", **options)["frontend"])["PriceClass"] == price_class


def test_described_paths_come_first_and_lead_to_their_hosts() -> None:
    result = config(stacks("eu-west-1", paths={"/media/*": "media.example.com", "/app/hook": "api"})["frontend"])
    assert [(behavior["PathPattern"], behavior["TargetOriginId"]) for behavior in result["CacheBehaviors"]] == [
        ("/media/*", "media.example.com"),
        ("/app/hook", "api"),
        ("/static/*", "bucket-then-api"),
        ("/app", "bucket"),
        ("/app/*", "bucket"),
    ]
    (host,) = [origin for origin in result["Origins"] if origin["Id"] == "media.example.com"]
    assert host["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
    assert "OriginCustomHeaders" not in host


def test_countries_are_left_out_by_cloudfront() -> None:
    assert config(stacks("eu-west-1", **EVERYTHING)["frontend"])["Restrictions"] == {
        "GeoRestriction": {"RestrictionType": "blacklist", "Locations": ["KP"]}
    }


def test_the_policy_knows_the_site_and_its_users() -> None:
    assert content_security_policy(app("eu-west-1").stages["s"]) == (
        "default-src 'self'; img-src 'self' data:; "
        "connect-src 'self' https://cognito-idp.eu-west-1.amazonaws.com; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def test_described_sources_join_what_is_known_and_none_ends() -> None:
    more = {"img-src": ["https://i.example.com"], "object-src": ["'self'"], "script-src": ["'sha256-AB+/='"]}
    text = content_security_policy(app("eu-west-1", csp={"sources": more}).stages["s"])
    assert "img-src 'self' data: https://i.example.com; " in text
    assert "object-src 'self'; " in text
    assert text.endswith("script-src 'self' 'sha256-AB+/='")


def test_a_policy_that_only_reports_is_another_header() -> None:
    headers = resource(stacks("eu-west-1", csp={"report_only": True})["frontend"], "ResponseHeaders")
    policy = headers["ResponseHeadersPolicyConfig"]
    names = [item["Header"] for item in policy["CustomHeadersConfig"]["Items"]]
    assert names == ["Content-Security-Policy-Report-Only", "Permissions-Policy"]
    assert "ContentSecurityPolicy" not in policy["SecurityHeadersConfig"]


def test_an_http_api_has_no_stage_in_its_path() -> None:
    result = validated(
        {
            "name": "notes",
            "stages": {"s": {"region": "eu-west-1"}},
            "backend": {"api": {"type": "http"}, "functions": {"web": {"wsgi": "src/f.py:f", "public": True}}},
            "frontend": {"static": "static", "waf": False},
        }
    )
    (templates,) = [stack.template for stack in render(result, result.stages["s"]) if stack.stack == "frontend"]
    assert "OriginPath" not in config(dict(templates))["Origins"][1]


def test_error_pages_keep_the_status_of_the_error() -> None:
    description = {"name": "n", "stages": {"s": {"region": "us-east-1"}}}
    result = validated({**description, "frontend": {"site": "dist", "errors": {404: "/404.html", 403: "/404.html"}}})
    (stack,) = (
        rendered_stack for rendered_stack in render(result, result.stages["s"]) if rendered_stack.stack == "frontend"
    )
    assert [str(finding) for finding in lint([stack]) if finding.fails] == []
    assert config(dict(stack.template))["CustomErrorResponses"] == [
        {"ErrorCode": code, "ResponseCode": code, "ResponsePagePath": "/404.html"} for code in (403, 404)
    ]


def test_basic_auth_is_checked_at_every_behaviour() -> None:
    basic_auth = {"user": "team", "password": "correct horse battery staple"}
    result = config(stacks("us-east-1", basic_auth=basic_auth, paths={"/m/*": "m.example.com"})["frontend"])
    behaviors = [result["DefaultCacheBehavior"], *result["CacheBehaviors"]]
    functions = {behavior["FunctionAssociations"][0]["FunctionARN"]["Fn::GetAtt"][0] for behavior in behaviors}
    assert functions == {"ApiViewer", "SiteRouter", "StaticGuard"}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
@pytest.mark.parametrize(
    ("log", "reason_start"),
    [
        ("v2", "requests are logged by a delivery of CloudWatch Logs in us-east-1, which scanners do not look for"),
        ("legacy", None),
        (False, "the description says 'access_log: false': requests that the edge answers itself are not logged"),
    ],
)
def test_scanners_read_why_they_see_no_access_log(log: object, reason_start: str | None, region: str) -> None:
    suppress = stacks(region, access_log=log)["frontend"]["Metadata"]["cdk_nag"]["rules_to_suppress"]
    reasons = [entry["reason"] for entry in suppress if entry["id"] == "CFR3"]
    assert len(reasons) == (1 if reason_start else 0)
    assert all(reason.startswith(reason_start or "") for reason in reasons)


def test_records_of_releases_are_written_once(example: App) -> None:
    stage = example.stages["dev"]
    resources = next(stack for stack in render(example, stage) if stack.stack == "frontend").template["Resources"]
    statements = resources["SiteBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (once,) = [statement for statement in statements if statement.get("Sid") == "ReleasesAreWrittenOnce"]
    assert (once["Effect"], once["Principal"], once["Action"]) == ("Deny", "*", ["s3:PutObject"])
    assert once["Resource"] == [{"Fn::Join": ["", [{"Fn::GetAtt": ["SiteBucket", "Arn"]}, "/.stacks/*"]]}]
    assert once["Condition"]["Null"] == {"s3:if-none-match": "true"}


@pytest.mark.parametrize("report_only", [False, True])
def test_no_header_that_the_application_sends_is_replaced(report_only: bool) -> None:  # noqa: FBT001 - a parameter
    app = validated(
        {
            "name": "n",
            "stages": {"s": {"region": "us-east-1"}},
            "frontend": {"site": "d", "csp": {"report_only": report_only}},
        }
    )
    (template,) = (stack.template for stack in render(app, app.stages["s"]) if stack.stack == "frontend")
    policy = template["Resources"]["ResponseHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    kept = {name: body["Override"] for name, body in policy["SecurityHeadersConfig"].items()}
    kept |= {item["Header"]: item["Override"] for item in policy["CustomHeadersConfig"]["Items"]}
    assert kept.pop("ContentTypeOptions") is True  # its header has one value only
    assert set(kept.values()) == {False}
