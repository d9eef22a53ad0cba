"""Troposphere projects of the three shapes that people write, each with at most 20 lines of glue.

The projects are as their authors wrote them: written for this test after the shapes of public ones. What is glue stands
under ``infra/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.checks.run import check
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from stacks import Rendered
    from tests.extension.conftest import Project

SCRIPTS = {
    # One script a stack, which prints its template: the examples of troposphere, and repositories that began with them.
    "cloudformation/network.py": """
        from troposphere import Export, Output, Ref, Sub, Tags, Template, ec2

        t = Template()
        t.set_description("Network")
        vpc = t.add_resource(ec2.VPC("VPC", CidrBlock="10.0.0.0/16", Tags=Tags(Name="main")))
        subnets = [
            t.add_resource(ec2.Subnet(f"Subnet{i}", VpcId=Ref(vpc), CidrBlock=f"10.0.{i}.0/24")) for i in range(2)
        ]
        t.add_output(Output("VpcId", Value=Ref(vpc), Export=Export(Sub("${AWS::StackName}-VpcId"))))
        for subnet in subnets:
            name = f"{subnet.title}Id"
            t.add_output(Output(name, Value=Ref(subnet), Export=Export(Sub(f"${{AWS::StackName}}-{name}"))))

        if __name__ == "__main__":
            print(t.to_yaml())
        """,
    "cloudformation/cache.py": """
        from troposphere import ImportValue, Parameter, Ref, Sub, Template, ec2, elasticache

        t = Template()
        network = t.add_parameter(Parameter("NetworkStack", Type="String"))
        size = t.add_parameter(Parameter("Size", Type="String", Default="cache.t4g.micro"))


        def imported(name):
            return ImportValue(Sub("${NetworkStack}-" + name))


        group = t.add_resource(
            ec2.SecurityGroup("Access", GroupDescription="Cache access", VpcId=imported("VpcId"))
        )
        subnets = t.add_resource(
            elasticache.SubnetGroup(
                "Subnets", Description="Cache", SubnetIds=[imported("Subnet0Id"), imported("Subnet1Id")]
            )
        )
        t.add_resource(
            elasticache.CacheCluster(
                "Cache", CacheNodeType=Ref(size), Engine="redis", NumCacheNodes=1,
                CacheSubnetGroupName=Ref(subnets), VpcSecurityGroupIds=[Ref(group)],
            )
        )
        print(t.to_json())
        """,
}
SCRIPTS_GLUE = {
    "infra/network.py": """
        from cloudformation.network import t


        def template(app, stage):
            return t
        """,
    "infra/cache.py": """
        from cloudformation.cache import t


        def template(app, stage):
            t.parameters["NetworkStack"].Default = f"{app.name}-{stage.name}-network"
            return t
        """,
}
SCRIPTS_YAML = "stacks: {cache: {module: infra/cache.py}, network: {module: infra/network.py}}\n"

GLOBAL = {
    # One template of a package, to which each module adds when it is imported.
    "stack/__init__.py": """
        from stack import storage, workers  # noqa: F401 - each adds its resources
        from stack.template import template

        if __name__ == "__main__":
            print(template.to_yaml())
        """,
    "stack/template.py": "from troposphere import Template\n\ntemplate = Template()\n",
    "stack/common.py": """
        from troposphere import Parameter

        from stack.template import template

        retention = template.add_parameter(Parameter("Retention", Type="Number", Default=14))
        """,
    "stack/storage.py": """
        from troposphere import GetAtt, Output, s3

        from stack.template import template

        bucket = template.add_resource(s3.Bucket("Reports", DeletionPolicy="Retain", UpdateReplacePolicy="Retain"))
        template.add_output(Output("ReportsArn", Value=GetAtt(bucket, "Arn")))
        """,
    "stack/workers.py": """
        from troposphere import GetAtt, Ref, logs, sqs

        from stack.common import retention
        from stack.template import template

        dead = template.add_resource(sqs.Queue("Failed"))
        template.add_resource(
            sqs.Queue(
                "Work", RedrivePolicy=sqs.RedrivePolicy(deadLetterTargetArn=GetAtt(dead, "Arn"), maxReceiveCount=3),
            )
        )
        template.add_resource(logs.LogGroup("Log", RetentionInDays=Ref(retention)))
        """,
}
GLOBAL_GLUE = {
    "infra/all.py": """
        from stack import template as built


        def template(app, stage):
            return built
        """,
}
GLOBAL_YAML = "stacks: {all: {module: infra/all.py}}\n"

BLUEPRINTS = {
    # A configuration and classes with variables, as stacker and its heirs have them.
    "blueprints/base.py": """
        from troposphere import Template


        class Blueprint:
            VARIABLES = {}

            def __init__(self, name, variables):
                unknown = set(variables) - set(self.VARIABLES)
                if unknown:
                    raise ValueError(f"{name}: unknown variables {sorted(unknown)}")
                self.name, self.template = name, Template()
                self.variables = {key: variables.get(key, default) for key, default in self.VARIABLES.items()}

            def create_template(self):
                raise NotImplementedError
        """,
    "blueprints/topics.py": """
        from blueprints.base import Blueprint
        from troposphere import Output, Ref, sns


        class Topics(Blueprint):
            VARIABLES = {"names": [], "email": None}

            def create_template(self):
                for name in self.variables["names"]:
                    topic = self.template.add_resource(sns.Topic(name))
                    self.template.add_output(Output(f"{name}Arn", Value=Ref(topic)))
                    if self.variables["email"]:
                        self.template.add_resource(
                            sns.SubscriptionResource(
                                f"{name}Mail", TopicArn=Ref(topic), Protocol="email", Endpoint=self.variables["email"]
                            )
                        )
        """,
    "blueprints/alarms.py": """
        from blueprints.base import Blueprint
        from troposphere import cloudwatch


        class Alarms(Blueprint):
            VARIABLES = {"queue": "", "age": 60, "topic": None}

            def create_template(self):
                self.template.add_resource(
                    cloudwatch.Alarm(
                        "Old", Namespace="AWS/SQS", MetricName="ApproximateAgeOfOldestMessage", Statistic="Maximum",
                        Dimensions=[cloudwatch.MetricDimension(Name="QueueName", Value=self.variables["queue"])],
                        Period=60, EvaluationPeriods=5, Threshold=self.variables["age"],
                        ComparisonOperator="GreaterThanThreshold", AlarmActions=[self.variables["topic"]],
                    )
                )
        """,
    "config.yaml": """
        stacks:
          - name: topics
            class_path: blueprints.topics.Topics
            variables: {names: [Orders, Errors], email: a@b.example}
          - name: alarms
            class_path: blueprints.alarms.Alarms
            variables: {queue: jobs, age: 600, topic: "${output topics::ErrorsArn}"}
        """,
}
BLUEPRINTS_GLUE = {
    "infra/blueprinted.py": """
        from pathlib import Path
        from pydoc import locate

        import yaml
        from stacks import Output


        def built(name, stage):
            stacks = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text())["stacks"]
            found = next(one for one in stacks if one["name"] == name)
            variables = {key: value(given, stage) for key, given in found["variables"].items()}
            blueprint = locate(found["class_path"])(name, variables)
            blueprint.create_template()
            return blueprint.template


        def value(given, stage):
            reads = str(given).startswith("${output ")
            return Output(*given[9:-1].split("::")).read(stage) if reads else given
        """,
    "infra/topics.py": """
        from blueprinted import built


        def template(app, stage):
            return built("topics", stage)
        """,
    "infra/alarms.py": """
        from blueprinted import built


        def template(app, stage):
            return built("alarms", stage)
        """,
}
BLUEPRINTS_YAML = "stacks: {alarms: {module: infra/alarms.py}, topics: {module: infra/topics.py}}\n"
CLASSES = {
    # Classes that build a template, in a folder that is called as this library, and a script with arguments of its own.
    "stacks/__init__.py": "",
    "stacks/common.py": """
        from troposphere import Tags


        def tags(name):
            return Tags(Name=name)
        """,
    "stacks/network.py": """
        import sys

        from stacks.common import tags
        from troposphere import Equals, Export, FindInMap, Join, Output, Parameter, Ref, Template
        from troposphere.ec2 import VPC, SecurityGroup, Subnet


        class NetworkStack(object):
            def __init__(self):
                self.t = Template()
                self.t.add_parameter(Parameter("EnvType", Type="String", AllowedValues=["dev", "prod"]))
                self.t.add_mapping("Env", {"dev": {"Cidr": "10.1.1.0/24"}, "prod": {"Cidr": "10.1.2.0/24"}})
                self.t.add_condition("IsProd", Equals(Ref("EnvType"), "prod"))
                self.add_resources()

            def add_resources(self):
                vpc = self.t.add_resource(VPC("Vpc", CidrBlock="10.1.0.0/16", Tags=tags("main")))
                cidr = FindInMap("Env", Ref("EnvType"), "Cidr")
                self.t.add_resource(Subnet("One", VpcId=Ref(vpc), CidrBlock=cidr))
                self.t.add_resource(
                    SecurityGroup("Prod", Condition="IsProd", GroupDescription="x", VpcId=Ref(vpc))
                )
                name = Export(Join("-", [Ref("EnvType"), "VpcId"]))
                self.t.add_output(Output("VpcId", Value=Ref(vpc), Export=name))


        if __name__ == "__main__":
            print(NetworkStack(sys.argv[1]).t.to_json())
        """,
    "compute/user-data.sh": "echo hello",
    "compute/script.py": """
        import argparse
        import pathlib

        from troposphere import *
        from troposphere import ec2

        parser = argparse.ArgumentParser()
        parser.add_argument("--env", default="dev")
        args = parser.parse_args()
        t = Template()
        env = t.add_parameter(Parameter("EnvType", Type="String", Default=args.env))
        vpc = ImportValue(Join("-", [Ref(env), "VpcId"]))
        group = t.add_resource(ec2.SecurityGroup("Access", GroupDescription="a", VpcId=vpc))
        t.add_resource(
            ec2.Instance(
                "Server",
                ImageId="ami-0123456789abcdef0",
                InstanceType="t3.micro",
                SecurityGroupIds=[Ref(group)],
                UserData=Base64(pathlib.Path("compute/user-data.sh").read_text()),
            )
        )
        print(t.to_json())
        """,
}
CLASSES_GLUE = {
    "infra/network.py": """
        from stacks.network import NetworkStack


        def template(app, stage):
            return NetworkStack().t
        """,
    "infra/compute.py": """
        from compute.script import t


        def template(app, stage):
            return t
        """,
}
CLASSES_YAML = (
    "stacks: {compute: {module: infra/compute.py, parameters: {EnvType: prod}}, "
    "network: {module: infra/network.py, parameters: {EnvType: prod}}}\n"
)
PROJECTS = {
    "classes and scripts with arguments": (CLASSES, CLASSES_GLUE, CLASSES_YAML, ("network", "compute")),
    "one script a stack": (SCRIPTS, SCRIPTS_GLUE, SCRIPTS_YAML, ("network", "cache")),
    "one global template": (GLOBAL, GLOBAL_GLUE, GLOBAL_YAML, ("all",)),
    "configuration and blueprints": (BLUEPRINTS, BLUEPRINTS_GLUE, BLUEPRINTS_YAML, ("topics", "alarms")),
}


def ported(project: Project, name: str) -> dict[str, Rendered]:
    """The stacks of a project with its glue beside the generated ones."""
    files, glue, description, _ = PROJECTS[name]
    return project(description, {**files, **glue})


@pytest.fixture(params=PROJECTS)
def name(request: pytest.FixtureRequest) -> str:
    """The name of a project."""
    return str(request.param)


def test_the_glue_is_at_most_twenty_lines(name: str) -> None:
    _, glue, description, _ = PROJECTS[name]
    lines = [line for text in glue.values() for line in text.splitlines() if line.strip()]
    assert len(lines) <= 20
    assert description.count("\n") == 1


def test_the_stacks_are_in_the_order_of_what_they_read(project: Project, name: str) -> None:
    rendered = ported(project, name)
    order = [stack for stack in rendered if stack in PROJECTS[name][3]]
    assert tuple(order) == PROJECTS[name][3]


def test_what_a_script_prints_is_not_our_output(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    ported(project, "one script a stack")
    assert capsys.readouterr().out == ""


def test_aws_takes_the_templates(project: Project, name: str) -> None:
    rendered = ported(project, name)
    refused = [finding for finding in check(tuple(rendered.values())) if finding.grade == "refused"]
    assert refused == []


def test_the_project_is_deployed_with_the_application(project: Project, name: str) -> None:
    rendered = ported(project, name)
    cloud = MemoryCloud()
    own = [rendered[stack] for stack in PROJECTS[name][3]]
    deploy(make_plan(own), cloud, lambda _: None)
    assert all(cloud.stack(stack.name, stack.region) for stack in own)
