"""A platform: what an account has once, in the base of one application, read by others of other repositories."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks import DescriptionError, render
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.readers import outputs_of, refuse_gone
from stacks.errors import DeployError
from stacks.loading import validated
from stacks.roles import derive
from stacks.testing import MemoryCloud

ONCE = {
    "shared": True,
    "trail": {"cloudwatch": True},
    "vpc": {"zones": 3},
    "alarms": "me@example.com",
    "budget": {"amount": 5, "email": "me@example.com"},
    "identity_providers": ["github", "gitlab"],
}
FUNCTION = {"handler": "src/app.py:go", "vpc": True}
CI = {"github": "me/shop"}


def stacks_of(name: str, base: dict[str, Any], **more: Any) -> tuple[Any, ...]:
    app = validated({"name": name, "stages": {"prod": {"region": "eu-west-1", "base": base}}, **more})
    return render(app, app.stages["prod"])


def platform(**base: Any) -> tuple[Any, ...]:
    return stacks_of("infra", {**ONCE, **base})


STAGE = validated(
    {
        "name": "shop",
        "stages": {"prod": {"region": "eu-west-1", "base": {"platform": "infra/prod", "ci": CI}}},
        "backend": {"functions": {"web": FUNCTION}},
    }
).stages["prod"]


def application(name: str = "shop", **base: Any) -> tuple[Any, ...]:
    backend = {"functions": {"web": FUNCTION}}
    return stacks_of(name, {"platform": "infra/prod", "ci": CI, **base}, backend=backend)


def types_of(rendered: Any) -> set[str]:
    return {body["Type"] for body in rendered.template["Resources"].values()}


def test_a_platform_publishes_its_network() -> None:
    (base,) = platform()
    published = {
        body["Properties"]["Name"]: body["Properties"]["Value"]
        for body in base.template["Resources"].values()
        if body["Type"] == "AWS::SSM::Parameter"
    }
    names = [f"PrivateSubnet{zone}" for zone in (1, 2, 3)]
    assert published == {
        "/infra/prod/base/VpcId": {"Ref": "Vpc"},
        **{f"/infra/prod/base/{name}Id": {"Ref": name} for name in names},
    }
    urls = {
        body["Properties"]["Url"]
        for body in base.template["Resources"].values()
        if body["Type"] == "AWS::IAM::OIDCProvider"
    }
    assert urls == {"https://token.actions.githubusercontent.com", "https://gitlab.com"}


def test_an_application_of_a_platform_makes_nothing_that_the_account_has_once() -> None:
    base = next(entry for entry in application() if entry.stack == "base")
    once = {"AWS::CloudTrail::Trail", "AWS::EC2::VPC", "AWS::ApiGateway::Account", "AWS::IAM::OIDCProvider"}
    assert not types_of(base) & once
    assert base.template["Resources"]["FunctionSecurityGroup"]["Properties"]["VpcId"] == {"Ref": "PlatformVpcId"}
    reads = {name: body["Default"] for name, body in base.template["Parameters"].items()}
    assert reads["PlatformVpcId"] == "/infra/prod/base/VpcId"
    assert reads["PlatformPrivateSubnet2Id"] == "/infra/prod/base/PrivateSubnet2Id"


def test_a_backend_reads_the_subnets_of_its_own_base() -> None:
    backend = next(entry for entry in application() if entry.stack == "backend")
    assert "infra" not in json.dumps(backend.template)


def test_no_deploy_role_of_an_application_reaches_the_platform() -> None:
    base, backend = application()
    text = repr(derive(STAGE, backend))
    assert "shop-prod" in text
    assert "infra" not in text
    assert "infra" not in json.dumps(backend.template)
    person = repr(derive(STAGE, base))
    assert "/infra/prod/base/VpcId" in person
    assert "infra-prod" not in person


def test_applications_deploy_after_their_platform_and_it_is_removed_after_them() -> None:
    cloud = MemoryCloud()
    with pytest.raises(DeployError, match=r"/infra/prod/base/\w+, which is missing .* Deploy infra-prod-base"):
        deploy(make_plan([entry for entry in application() if entry.stack == "base"]), cloud, lambda _: None)
    deploy(make_plan(platform()), cloud, lambda _: None)
    for name in ("shop", "blog"):
        deploy(make_plan([entry for entry in application(name) if entry.stack == "base"]), cloud, lambda _: None)
    gone = outputs_of(platform(), cloud)
    with pytest.raises(
        DeployError, match=r"infra-prod-base: blog-prod-base still reads PrivateSubnet1Id.*VpcId"
    ) as caught:
        refuse_gone(gone, (), cloud)
    assert "shop-prod-base still reads" in str(caught.value)
    with pytest.raises(DeployError, match="still reads"):
        deploy(make_plan(platform(vpc=False)), cloud, lambda _: None)


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ({"platform": "infra"}, "does not name a platform"),
        ({"platform": "infra/prod", "shared": True}, "is a platform and names one"),
        ({"platform": "infra/prod", "alarms": "a@example.com"}, "has 'alarms', which its platform infra/prod makes"),
        ({"platform": "infra/prod", "trail": {"cloudwatch": True}}, "has 'trail', which its platform"),
        ({"platform": "shop/prod"}, r"^base\.platform: is this stage itself"),
        ({"vpc": {"existing": "platform"}}, r"^base\.vpc: .*no platform is named"),
        ({"identity_providers": ["github"], "ci": CI}, r"^base\.identity_providers: 'ci' makes the one of github"),
    ],
)
def test_what_does_not_go_together_is_refused(base: dict[str, Any], message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        stacks_of("shop", base, backend={"functions": {"web": {"handler": "src/app.py:go"}}})
