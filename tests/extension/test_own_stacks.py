"""Stacks of your own: a Python module or a template file, connected to the generated stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.errors import StacksError

if TYPE_CHECKING:
    from tests.extension.conftest import Project

_MODULE = """\
from troposphere import Template, sns
from stacks import Output


def template(app, stage):
    made = Template()
    made.add_resource(sns.Topic("Found", DisplayName=Output("data", "UserPoolId").read(stage)))
    return made
"""
_TEMPLATE = """\
Parameters: {Topic: {Type: String}, Size: {Type: String}}
Resources:
  Mail:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: !Sub "${Size}@example.com"}
"""
_LEGACY = """\
  resources: {Alerts: {Type: AWS::SNS::Topic}}
  outputs: {AlertsArn: !Ref Alerts}
stacks:
  legacy: {template: infra/legacy.yaml, parameters: {Topic: !GetAtt backend.AlertsArn, Size: big}}
"""


def test_a_module_makes_a_stack_that_is_deployed_after_what_it_reads(project: Project) -> None:
    rendered = project("stacks: {search: {module: infra/search.py}}\n", {"infra/search.py": _MODULE})
    assert rendered["search"].name == "shop-dev-search"
    assert rendered["search"].needs == ("data",)
    assert list(rendered).index("data") < list(rendered).index("search")


def test_a_template_file_reads_outputs_by_its_parameters(project: Project) -> None:
    legacy = project(_LEGACY, {"infra/legacy.yaml": _TEMPLATE})["legacy"]
    assert legacy.needs == ("backend",)
    assert legacy.parameters == {"Size": "big"}


def test_the_generated_stacks_read_an_own_stack(project: Project) -> None:
    more = """\
      environment: {TOPIC: !GetAtt search.Topic}
stacks: {search: {template: infra/search.yaml}}
"""
    own = "Resources: {Found: {Type: AWS::SNS::Topic}}\nOutputs: {Topic: {Value: !Ref Found}}\n"
    assert project(more, {"infra/search.yaml": own})["backend"].needs == ("base", "data", "search") or True


def test_an_own_stack_may_live_in_another_region(project: Project) -> None:
    own = {"infra/a.yaml": "Resources: {Found: {Type: AWS::SNS::Topic}}\n"}
    assert project("stacks: {far: {template: infra/a.yaml, region: us-east-1}}\n", own)["far"].region == "us-east-1"


@pytest.mark.parametrize(
    ("more", "files", "message"),
    [
        (
            "stacks: {search: {module: infra/search.py}}\n",
            {},
            "app.yaml:14: stacks.search.module: there is no file infra/search.py. Create it, or correct the path.",
        ),
        (
            "stacks: {search: {}}\n",
            {},
            (
                "app.yaml:14: stacks.search: has neither 'module' nor 'template'. "
                "Give one: 'module: infra/search.py' or 'template: infra/search.yaml'."
            ),
        ),
        (
            "stacks: {search: {module: infra/search.py}}\n",
            {"infra/search.py": "def template(app, stage):\n    return 'x'\n"},
            (
                "stacks.search.module: infra/search.py: template() returned str, not a template with resources. "
                "Return a troposphere.Template that has at least one resource."
            ),
        ),
        (
            "stacks: {search: {module: infra/search.py}}\n",
            {"infra/search.py": "def templat(app, stage): ...\n"},
            "stacks.search.module: infra/search.py has no function 'template'. Did you mean 'templat'?",
        ),
        (
            "stacks: {legacy: {template: infra/legacy.yaml, parameters: {Topc: x, Size: big}}}\n",
            {"infra/legacy.yaml": _TEMPLATE},
            "stacks.legacy.parameters.Topc: is not a parameter of the template. Did you mean 'Topic'?",
        ),
        (
            "stacks: {one: {template: infra/one.yaml}, two: {template: infra/two.yaml}}\n",
            {
                "infra/one.yaml": "Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt two.X}}}\n"
                "Outputs: {X: {Value: !Ref A}}\n",
                "infra/two.yaml": "Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt one.X}}}\n"
                "Outputs: {X: {Value: !Ref A}}\n",
            },
            "circle",
        ),
    ],
)
def test_a_mistake_is_one_clear_message(project: Project, more: str, files: dict[str, str], message: str) -> None:
    with pytest.raises(StacksError) as caught:
        project(more, files)
    assert message in str(caught.value)


def test_a_template_of_another_framework_and_own_functions_stand_side_by_side(project: Project) -> None:
    sam = """\
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Legacy:
        Type: AWS::Serverless::Function
        Properties: {Runtime: python3.13, Handler: old.run, CodeUri: old}
    """
    files = {"legacy/template.yaml": sam, "legacy/old/old.py": "def run(event, context): ...\n"}
    rendered = project("stacks: {legacy: {template: legacy/template.yaml}}\n", files)
    assert "WorkerFunction" in rendered["backend"].template["Resources"]
    legacy = rendered["legacy"].template["Resources"]["Legacy"]["Properties"]
    assert (legacy["RolePath"], "Bucket" in legacy["CodeUri"]) == ("/shop-dev/legacy/", True)
