"""Templates as the emulator can deploy them: what goes, what stays, what is said about it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.local.front.localize import localize, needs, original_answer, parse, with_original

TRAIL = frozenset({"AWS::CloudTrail::Trail"})
PORT = 4566


def local(template: dict[str, Any], unknown: frozenset[str] = TRAIL, **more: Any) -> dict[str, Any]:
    return localize({"Resources": {}, **template}, unknown, PORT, **more)[0]


def notices_of(template: dict[str, Any], unknown: frozenset[str] = TRAIL, **more: Any) -> list[tuple[str, str, str]]:
    notices = localize({"Resources": {}, **template}, unknown, PORT, **more)[1]
    return [(notice["kind"], notice["logical_id"], notice["detail"]) for notice in notices]


def trail_and(**resources: Any) -> dict[str, Any]:
    return {"Resources": {"Trail": {"Type": "AWS::CloudTrail::Trail"}, **resources}}


def topic(value: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": value}}


REFERENCES = [
    {"Ref": "Trail"},
    {"Fn::GetAtt": ["Trail", "Arn"]},
    {"Fn::GetAtt": "Trail.Arn"},
    {"Fn::Sub": "x-${Trail}"},
    {"Fn::Sub": "x-${Trail.Arn}"},
    {"Fn::Sub": ["x-${Trail}-${y}", {"y": "z"}]},
    {"Fn::Sub": ["x-${y}", {"y": {"Ref": "Trail"}}]},
    {"Fn::Join": ["", ["a", {"Ref": "Trail"}]]},
]
NO_REFERENCES = ["Trail", {"Fn::Sub": "${!Trail}"}, {"Fn::Sub": ["${Trail}", {"Trail": "mine"}]}, {"Ref": "Other"}]


def test_a_type_the_emulator_does_not_know_is_left_out() -> None:
    assert list(local(trail_and(Topic=topic("t")))["Resources"]) == ["Topic"]


def test_what_is_left_out_is_reported() -> None:
    assert notices_of(trail_and()) == [("left out", "Trail", "the local AWS has no such type")]


@pytest.mark.parametrize("reference", REFERENCES, ids=json.dumps)
def test_what_refers_to_a_left_out_resource_goes_too(reference: Any) -> None:
    assert "Topic" not in local(trail_and(Topic=topic(reference)))["Resources"]


@pytest.mark.parametrize("reference", NO_REFERENCES, ids=json.dumps)
def test_what_only_looks_like_a_reference_stays(reference: Any) -> None:
    assert "Topic" in local(trail_and(Topic=topic(reference)))["Resources"]


def test_what_refers_to_it_at_third_hand_goes_too() -> None:
    template = trail_and(C=topic({"Ref": "B"}), B=topic({"Ref": "A"}), A=topic({"Ref": "Trail"}))
    assert local(template)["Resources"].keys() == {"NothingRunsLocally"}


def test_each_thing_that_goes_too_says_why() -> None:
    assert notices_of(trail_and(A=topic({"Ref": "Trail"})))[1] == ("left out", "A", "needs Trail, which is left out")


@pytest.mark.parametrize("wanted", ["Trail", ["Trail"]])
def test_a_resource_that_only_waits_for_a_left_out_one_waits_no_more(wanted: Any) -> None:
    assert local(trail_and(Topic={"Type": "AWS::SNS::Topic", "DependsOn": wanted}))["Resources"] == {
        "Topic": {"Type": "AWS::SNS::Topic"}
    }


def test_a_resource_still_waits_for_the_ones_that_exist() -> None:
    template = trail_and(A=topic("a"), B={"Type": "AWS::SNS::Topic", "DependsOn": ["A", "Trail"]})
    assert local(template)["Resources"]["B"]["DependsOn"] == ["A"]


def test_outputs_of_left_out_resources_go_too() -> None:
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Trail", "Arn"]}}, "Name": {"Value": "x"}}
    assert local({**trail_and(), "Outputs": outputs})["Outputs"] == {"Name": {"Value": "x"}}


def test_a_template_that_loses_all_outputs_has_no_outputs_section() -> None:
    assert "Outputs" not in local({**trail_and(), "Outputs": {"Arn": {"Value": {"Ref": "Trail"}}}})


def test_a_stack_that_loses_all_resources_can_still_be_deployed() -> None:
    assert local(trail_and())["Resources"] == {
        "NothingRunsLocally": {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    }


def distribution(**config: Any) -> dict[str, Any]:
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Enabled": True, **config}}}


def test_a_distribution_does_without_its_web_acl() -> None:
    template = {"Resources": {"Acl": {"Type": "AWS::X::Acl"}, "Site": distribution(WebACLId={"Ref": "Acl"})}}
    assert local(template, frozenset({"AWS::X::Acl"}))["Resources"] == {"Site": distribution()}


def test_a_property_that_is_left_out_is_reported() -> None:
    template = {"Resources": {"Acl": {"Type": "AWS::X::Acl"}, "Site": distribution(WebACLId={"Ref": "Acl"})}}
    detail = "its property DistributionConfig.WebACLId needs Acl, which is left out"
    assert ("left out", "Site", detail) in notices_of(template, frozenset({"AWS::X::Acl"}))


def test_a_distribution_whose_origin_is_left_out_goes_with_it() -> None:
    template = trail_and(Site=distribution(WebACLId={"Ref": "Trail"}, Origins=[{"DomainName": {"Ref": "Trail"}}]))
    assert notices_of(template) == [
        ("left out", "Trail", "the local AWS has no such type"),
        ("left out", "Site", "needs Trail, which is left out"),
    ]


def test_an_output_that_another_stack_lost_counts_as_left_out() -> None:
    reference = {"Fn::GetStackOutput": {"StackName": "edge", "OutputName": "AclArn", "Region": "us-east-1"}}
    template = {"Resources": {"Site": distribution(WebACLId=reference)}}
    assert local(template, missing=frozenset({"edge/AclArn"}))["Resources"] == {"Site": distribution()}


def test_other_outputs_of_that_stack_are_untouched() -> None:
    reference = {"Fn::GetStackOutput": {"StackName": "edge", "OutputName": "CertificateArn"}}
    template = {"Resources": {"Topic": topic(reference)}}
    assert local(template, missing=frozenset({"edge/AclArn"})) == template


API = {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
ELSEWHERE = {"Fn::GetStackOutput": {"StackName": "notes-dev-backend", "OutputName": "ApiId"}}


def origin(template: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = local(template)["Resources"]["Site"]["Properties"]["DistributionConfig"]["Origins"][0]
    return result


def with_origin(domain: Any, **more: Any) -> dict[str, Any]:
    custom = {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
    origin = {"Id": "api", "DomainName": domain, "CustomOriginConfig": custom, **more}
    return {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi"}, "Site": distribution(Origins=[origin])}}


def test_an_api_origin_becomes_the_gateway() -> None:
    assert origin(with_origin(API, OriginPath="/dev")) == {
        "Id": "api",
        "DomainName": "localhost",
        "OriginPath": {"Fn::Join": ["", [{"Fn::Sub": "/_aws/execute-api/${Api}"}, "/dev"]]},
        "CustomOriginConfig": {"OriginProtocolPolicy": "http-only", "HTTPPort": PORT},
    }


def test_an_api_of_another_stack_becomes_the_gateway() -> None:
    domain = {"Fn::Sub": ["${Id}.execute-api.${AWS::Region}.${AWS::URLSuffix}", {"Id": ELSEWHERE}]}
    path = origin(with_origin(domain, OriginPath={"Ref": "StageName"}))["OriginPath"]
    assert path == {
        "Fn::Join": ["", [{"Fn::Sub": ["/_aws/execute-api/${Id}", {"Id": ELSEWHERE}]}, {"Ref": "StageName"}]]
    }


def test_an_api_origin_without_a_path_gets_one() -> None:
    _, parts = origin(with_origin(API))["OriginPath"]["Fn::Join"]
    assert parts == [{"Fn::Sub": "/_aws/execute-api/${Api}"}, "/$default"]


def test_an_api_host_among_other_variables_keeps_only_its_own() -> None:
    domain = {"Fn::Sub": ["${Api}.execute-api.${Where}.amazonaws.com", {"Where": "eu-west-1"}]}
    assert origin(with_origin(domain))["OriginPath"]["Fn::Join"][1][0] == {"Fn::Sub": "/_aws/execute-api/${Api}"}


def test_a_substituted_origin_is_reported() -> None:
    detail = "origin api is the local API Gateway on port 4566, over http"
    assert notices_of(with_origin(API)) == [("substituted", "Site", detail)]


@pytest.mark.parametrize("domain", ["example.com", {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}])
def test_other_origins_stay_as_they_are(domain: Any) -> None:
    template = with_origin(domain)
    assert local(template) == template


SECRET = {"Type": "AWS::SecretsManager::Secret"}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Id"]}),
        ({"Fn::Sub": "a/${Key}/${Other}"}, {"Fn::Sub": "a/${Key.Id}/${Other}"}),
        (
            {"Fn::Sub": ["${Key}${x}", {"x": {"Ref": "Key"}}]},
            {"Fn::Sub": "${Key.Id}${Key.Id}"},
        ),
        ({"Fn::Sub": ["${Key}", {"Key": "x"}]}, {"Fn::Sub": ["${Key}", {"Key": "x"}]}),
        ({"Ref": "Other"}, {"Ref": "Other"}),
    ],
)
def test_a_reference_to_a_secret_is_its_arn_as_on_aws(reference: Any, expected: Any) -> None:
    template = {"Resources": {"Key": SECRET, "Topic": topic(reference)}}
    assert local(template)["Resources"]["Topic"] == topic(expected)


def test_functions_get_the_cdns_address_on_this_machine() -> None:
    variables = {"CDN_DOMAIN": {"Ref": "Domain"}, "STAGE": "dev"}
    web = {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": variables}}}
    template = {"Resources": {"Web": web, "Topic": topic("x")}}
    result, notices = localize(template, frozenset(), PORT, site="http://127.0.0.1:8080")
    variable = result["Resources"]["Web"]["Properties"]["Environment"]["Variables"]
    assert variable == {"CDN_DOMAIN": "http://127.0.0.1:8080", "STAGE": "dev"}
    assert [notice["detail"] for notice in notices] == ["CDN_DOMAIN is http://127.0.0.1:8080"]


def test_the_given_template_is_not_changed() -> None:
    template = {**trail_and(Topic=topic({"Ref": "Trail"})), "Outputs": {"T": {"Value": {"Ref": "Trail"}}}}
    before = copy.deepcopy(template)
    localize(template, TRAIL, PORT)
    assert template == before


values = st.recursive(
    st.text(max_size=5) | st.booleans() | st.sampled_from(["A", "B"]).map(lambda name: {"Ref": name}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["p", "q"]), inner, max_size=2),
    max_leaves=8,
)
resources = st.dictionaries(
    st.sampled_from(["A", "B", "C", "D"]),
    st.builds(
        lambda type_, value: {"Type": type_, "Properties": {"X": value}},
        st.sampled_from(["AWS::SNS::Topic", "AWS::CloudTrail::Trail", "AWS::S3::Bucket"]),
        values,
    ),
    min_size=1,
)


@given(resources)
def test_nothing_that_is_left_refers_to_what_is_gone(described: dict[str, Any]) -> None:
    left = local({"Resources": described})["Resources"]
    assert not set(needs(left)) & (described.keys() - left.keys())


@given(resources)
def test_everything_that_is_gone_is_reported_once(described: dict[str, Any]) -> None:
    left = local({"Resources": described})["Resources"]
    assert sorted(name for _, name, _ in notices_of({"Resources": described})) == sorted(described.keys() - left.keys())


def test_short_tags_mean_what_their_long_forms_mean() -> None:
    body = """
    Resources:
      A:
        Type: AWS::X::Y
        Condition: Maybe
        Properties:
          a: !Ref B
          b: !GetAtt B.C.D
          c: !Sub "${B}"
          d: !Sub ["${x}", {x: !Ref B}]
          e: !GetStackOutput {StackName: s, OutputName: o}
          f: !If [Maybe, !Ref B, !Ref AWS::NoValue]
          g: !Condition Maybe
          h: 2012-10-17
          i: !Ref 12
    """
    assert parse(body)["Resources"]["A"]["Properties"] == {
        "a": {"Ref": "B"},
        "b": {"Fn::GetAtt": ["B", "C.D"]},
        "c": {"Fn::Sub": "${B}"},
        "d": {"Fn::Sub": ["${x}", {"x": {"Ref": "B"}}]},
        "e": {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "o"}},
        "f": {"Fn::If": ["Maybe", {"Ref": "B"}, {"Ref": "AWS::NoValue"}]},
        "g": {"Condition": "Maybe"},
        "h": "2012-10-17",
        "i": {"Ref": "12"},
    }


def test_json_is_a_template_too() -> None:
    assert parse(' {"Resources": {}}') == {"Resources": {}}


@pytest.mark.parametrize("body", ["", "a", "- a", "{", "a: [", "{}", "Resources: []"])
def test_what_is_no_template_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(body)


@given(st.text())
def test_a_client_gets_back_the_template_it_sent(text: str) -> None:
    sent = json.dumps(with_original({"Resources": {}, "Metadata": {"a": "<b> & \"c\" 'd'"}}, text))
    escaped = sent.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    answer = original_answer(f"<R><TemplateBody>{escaped}</TemplateBody></R>")
    expected = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert answer == f"<R><TemplateBody>{expected}</TemplateBody></R>"


def test_a_template_that_was_not_adapted_is_given_back_as_it_is() -> None:
    answer = "<R><TemplateBody>Resources: {}</TemplateBody></R>"
    assert original_answer(answer) == answer


def test_a_record_in_a_hosted_zone_that_is_on_aws_is_left_out() -> None:
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com"}}
    records = {
        name: {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": "a.example.com", "HostedZoneId": where}}
        for name, where in (("Elsewhere", "Z0123456789"), ("Here", {"Ref": "Zone"}))
    }
    template, notices = localize({"Resources": {"Zone": zone, **records}}, frozenset(), 4566)
    assert sorted(template["Resources"]) == ["Here", "Zone"]
    assert [(notice["logical_id"], notice["detail"]) for notice in notices] == [
        ("Elsewhere", "its hosted zone is on AWS")
    ]


def test_a_function_with_a_log_group_of_another_name_logs_into_lambdas_default_group() -> None:
    def function(name: str, group: Any) -> dict[str, Any]:
        logging = {"LogFormat": "JSON", "LogGroup": group}
        return {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": name, "LoggingConfig": logging}}

    def group(name: str) -> dict[str, Any]:
        return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}

    logs = {"Own": group("shop/own"), "Usual": group("/aws/lambda/usual")}
    functions = {
        "A": function("own", {"Ref": "Own"}),
        "B": function("usual", {"Ref": "Usual"}),
        "C": function("c", "x"),
    }
    template = {"Resources": logs | functions}
    result = {name: body["Properties"].get("LoggingConfig") for name, body in local(template)["Resources"].items()}
    assert result["A"] == result["C"] == {"LogFormat": "JSON"}
    assert result["B"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "Usual"}}
    assert notices_of(template) == [("substituted", name, "it logs into Lambda's default group") for name in "AC"]


def test_rights_to_send_e_mail_are_for_any_sender() -> None:
    def policy(action: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": [action], "Resource": "arn:aws:ses:eu-west-1:1:identity/example.com"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}

    template = {"Resources": {"Mail": policy("ses:SendEmail"), "Queue": policy("sqs:SendMessage")}}
    result, notices = localize(template, frozenset(), 4566)
    resources = [
        body["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] for body in result["Resources"].values()
    ]
    assert resources == ["*", "arn:aws:ses:eu-west-1:1:identity/example.com"]
    assert [notice["logical_id"] for notice in notices] == ["Mail"]
