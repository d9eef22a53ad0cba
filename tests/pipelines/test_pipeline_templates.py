"""The pipelines' resources: controls of ``SECURITY`` that no role shows, in the template of base."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import render
from stacks.checks.run import check
from stacks.linting import lint
from stacks.loading import validated
from stacks.naming import words
from stacks.pipelines.release import ARCHIVE, DIGEST, pack, unpack
from stacks.stages.rows import deployable
from tests.pipelines.conftest import CONNECTION
from tests.pipelines.policies import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.app import App

STACKS = ("data", "backend", "frontend-edge", "frontend", "frontend-logs-edge")


def of(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type."""
    return {name: body["Properties"] for name, body in template["Resources"].items() if body["Type"] == kind}


def test_without_pipelines_base_has_no_trace_of_them(example: App) -> None:
    stage = example.stages["dev"]
    template = next(stack.template for stack in render(example, stage) if stack.stack == "base")
    assert not [name for name in template["Resources"] if "Pipeline" in name or "Deploy" in name or "Build" in name]


def test_each_stack_has_a_pipeline_of_the_second_kind(template: dict[str, Any]) -> None:
    result = of(template, "AWS::CodePipeline::Pipeline")
    assert {mapping["Name"] for mapping in result.values()} == set(NAMES.values())
    assert {mapping["PipelineType"] for mapping in result.values()} == {"V2"}
    own = {"Type": "KMS", "Id": {"Fn::GetAtt": ["PipelineKey", "Arn"]}}
    for name, entry in result.items():
        stores = {store["Region"]: store["ArtifactStore"] for store in entry.get("ArtifactStores", ())}
        store = stores.get("eu-west-1") or entry["ArtifactStore"]
        assert (store["Location"], store["EncryptionKey"]) == ({"Ref": "ArtifactBucket"}, own)
        assert ("us-east-1" in stores) is name.endswith("EdgePipeline")


def test_what_is_in_another_region_is_deployed_there_with_artifacts_under_a_key_of_that_region(
    piped: Callable[..., App], template: dict[str, Any]
) -> None:
    stores = template["Resources"]["FrontendEdgePipeline"]["Properties"]["ArtifactStores"]
    other = next(store["ArtifactStore"] for store in stores if store["Region"] == "us-east-1")
    read = {"StackName": "notes-dev-artifacts-us-east-1", "Region": "us-east-1", "OutputName": "PipelineKeyArn"}
    assert other["Location"] == {"Fn::Sub": "notes-dev-code-${AWS::AccountId}-us-east-1-an"}
    copy = "ArtifactsUsEast1PipelineKeyArn"
    assert other["EncryptionKey"]["Id"] == {"Fn::GetAtt": [copy, "Value"]}
    assert template["Resources"][copy]["Properties"]["Value"] == {"Fn::GetStackOutput": read}
    stages = template["Resources"]["FrontendEdgePipeline"]["Properties"]["Stages"]
    acting = {action["Name"]: action.get("Region") for action in stages[1]["Actions"]}
    assert acting == {"Build": None, "Prepare": "us-east-1", "Approve": None, "Execute": "us-east-1"}
    app = piped()
    first, base, *_ = render(app, app.stages["dev"])
    assert (first.name, first.region) == ("notes-dev-artifacts-us-east-1", "us-east-1")
    assert base.needs == ("artifacts-us-east-1",)
    assert first.template["Outputs"].keys() >= {"ArtifactBucketName", "PipelineKeyArn"}


def test_every_stack_of_the_example_but_those_of_a_person_has_a_pipeline(piped: Callable[..., App]) -> None:
    app = piped()
    stacks = {stack.stack for stack in render(app, app.stages["dev"])}
    assert stacks - set(deployable(app.stages["dev"])) == {"base", "artifacts-us-east-1"}


def test_only_the_stacks_asked_for_have_a_pipeline_and_a_deploy_role(base: Callable[..., dict[str, Any]]) -> None:
    template = base(stacks=["data"])
    assert list(of(template, "AWS::CodePipeline::Pipeline")) == ["DataPipeline"]
    assert [name for name in template["Resources"] if name.endswith("DeployRole")] == ["DataDeployRole"]


def actions(template: dict[str, Any], pipeline: str) -> list[tuple[str, str]]:
    """Stage and name of a pipeline's actions, in order."""
    stages = template["Resources"][pipeline]["Properties"]["Stages"]
    return [
        (stage["Name"], action["Name"])
        for stage in stages
        for action in sorted(stage["Actions"], key=lambda entry: int(entry["RunOrder"]))
    ]


def test_a_person_agrees_between_change_set_and_execution(template: dict[str, Any]) -> None:
    start = [
        ("Source", "Source"),
        ("dev", "Build"),
        ("dev", "Prepare"),
        ("dev", "Approve"),
        ("dev", "Execute"),
    ]
    assert actions(template, "DataPipeline") == start
    assert actions(template, "FrontendPipeline") == [*start, ("dev", "Publish")]
    stages = template["Resources"]["DataPipeline"]["Properties"]["Stages"]
    approve = next(action for action in stages[1]["Actions"] if action["Name"] == "Approve")["Configuration"]
    assert approve["CustomData"] == "Commit #{Source.CommitId}. notes-dev-data: #{Build.DATA_CHANGES}"
    assert approve["NotificationArn"] == {"Ref": "PipelineTopic"}


def test_approval_switched_off_is_written_down_as_a_choice(base: Callable[..., dict[str, Any]]) -> None:
    template = base(approval=False)
    assert ("dev", "Approve") not in actions(template, "DataPipeline")
    (skip,) = [entry for entry in template["Metadata"]["stacks"]["skip"] if entry["id"] == "PIPELINE-APPROVAL"]
    assert "approval: false" in skip["reason"]


def test_builds_have_no_privileges_no_variables_and_a_log_of_their_own(template: dict[str, Any]) -> None:
    projects = of(template, "AWS::CodeBuild::Project")
    assert len(projects) == 6
    groups = set()
    for name, project in projects.items():
        assert project["Environment"]["PrivilegedMode"] is False
        assert "EnvironmentVariables" not in project["Environment"]
        assert project["EncryptionKey"] == {"Fn::GetAtt": ["PipelineKey", "Arn"]}
        assert project["Source"]["Type"] == project["Artifacts"]["Type"] == "CODEPIPELINE"
        assert project["LogsConfig"]["CloudWatchLogs"] == {"Status": "ENABLED", "GroupName": {"Ref": f"{name}Logs"}}
        groups.add(template["Resources"][f"{name}Logs"]["Properties"]["LogGroupName"])
    assert len(groups) == 6


def commands_of(template: dict[str, Any], project: str) -> list[str]:
    """Every command of a project, in order of the phases."""
    spec = yaml.safe_load(template["Resources"][project]["Properties"]["Source"]["BuildSpec"])
    return [
        line
        for phase in ("install", "pre_build", "build")
        for line in spec["phases"].get(phase, {}).get("commands", [])
    ]


def test_what_the_repository_does_not_hold_is_built_before_it_is_rendered_and_never_after_the_approval(
    base: Callable[..., dict[str, Any]],
) -> None:
    template = base(build=["npm ci", "npm run build"])
    commands = commands_of(template, "FrontendBuild")
    start = commands.index("npm ci")
    assert commands[start + 1] == "npm run build"
    assert commands[start + 2].startswith("python build.py lint")
    assert "npm run build" not in commands_of(template, "FrontendPublish")


def test_what_is_published_is_what_the_build_before_the_approval_packed(template: dict[str, Any]) -> None:
    actions = {
        action["Name"]: action
        for action in template["Resources"]["FrontendPipeline"]["Properties"]["Stages"][1]["Actions"]
    }
    assert [artifact["Name"] for artifact in actions["Build"]["OutputArtifacts"]] == ["Build", "Files"]
    assert [artifact["Name"] for artifact in actions["Publish"]["InputArtifacts"]] == ["Files"]
    (digest,) = json.loads(actions["Publish"]["Configuration"]["EnvironmentVariables"])
    assert digest == {"name": "RELEASE_SHA256", "value": "#{Build.RELEASE_SHA256}", "type": "PLAINTEXT"}
    assert "Files: #{Build.RELEASE_SHA256}." in actions["Approve"]["Configuration"]["CustomData"]
    spec = yaml.safe_load(template["Resources"]["FrontendBuild"]["Properties"]["Source"]["BuildSpec"])
    assert "RELEASE_SHA256" in spec["env"]["exported-variables"]
    assert spec["artifacts"]["secondary-artifacts"]["Files"] == {"files": [".build/release.tar"]}
    checked, unpacked = commands_of(template, "FrontendPublish")[:2]
    assert checked == 'echo "$RELEASE_SHA256  .build/release.tar" | sha256sum --check'
    assert unpacked == "tar -xf .build/release.tar"


def test_an_archive_is_unpacked_only_with_the_digest_of_the_build(tmp_path: Path) -> None:
    built, later = tmp_path / "built", tmp_path / "later"
    for file in ("site/index.html", ".well-known/x", ".venv/bin/python", ".git/config", ".build/code/a.zip"):
        (built / file).parent.mkdir(parents=True, exist_ok=True)
        (built / file).write_text(file)
    script = "\n".join([*pack(), 'echo "$RELEASE_SHA256"'])
    done = subprocess.run(["/bin/sh", "-ec", script], cwd=built, check=True, capture_output=True, text=True)
    digest = done.stdout.strip()
    (later / ".build").mkdir(parents=True)
    archive = later / ARCHIVE
    archive.write_bytes((built / ARCHIVE).read_bytes())

    def unpacked(digest: str) -> int:
        command = ["/bin/sh", "-ec", "\n".join(unpack())]
        return subprocess.run(
            command, cwd=later, env={**os.environ, DIGEST: digest}, check=False, capture_output=True
        ).returncode

    for wrong in ("", "0" * 64):
        assert unpacked(wrong) != 0
        assert not (later / "site").exists()
    assert unpacked(digest) == 0
    assert (later / "site" / "index.html").read_text() == "site/index.html"
    assert (later / ".build" / "code" / "a.zip").is_file()
    assert not (later / ".venv").exists()
    assert not (later / ".git").exists()
    archive.write_bytes(archive.read_bytes() + b"x")
    assert unpacked(digest) != 0


def test_a_project_says_how_it_is_installed(base: Callable[..., dict[str, Any]]) -> None:
    commands = commands_of(base(install=["uv pip install -r needed.txt"]), "BackendBuild")
    assert "uv pip install -r needed.txt" in commands
    assert not any("--editable" in line for line in commands)


def test_a_project_without_a_build_script_gets_one_and_another_keeps_its_own(
    base: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    line = next(line for line in commands_of(base(), "DataBuild") if line.startswith("test -f build.py"))
    subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, check=True)
    assert (tmp_path / "build.py").read_text() == "from stacks.cli import main\nraise SystemExit(main())\n"
    (tmp_path / "build.py").write_text("own")
    subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, check=True)
    assert (tmp_path / "build.py").read_text() == "own"


def test_a_backend_of_another_framework_has_a_pipeline_and_a_role_of_its_own(root: Path) -> None:
    data = yaml.safe_load((root / "app.yaml").read_text())
    queue = {"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "notes-dev-jobs"}}}
    stage = {**data["stages"]["dev"], "base": {"pipelines": {"repository": "someone/notes", "build": ["sam build"]}}}
    foreign = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": queue}
    app = validated({"name": "notes", "stages": {"dev": stage}, "backend": {"template": foreign}})
    template = dict(next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "base").template)
    assert list(of(template, "AWS::CodePipeline::Pipeline")) == ["BackendPipeline"]
    assert "sam build" in commands_of(template, "BackendBuild")
    allowed = str(template["Resources"]["BackendDeployPolicy1"]["Properties"]["PolicyDocument"])
    assert "sqs:CreateQueue" in allowed
    assert "lambda:CreateFunction" not in allowed


def test_build_specifications_are_in_the_template_and_make_what_the_pipeline_takes(template: dict[str, Any]) -> None:
    for family in STACKS:
        title = words(family)
        spec = yaml.safe_load(template["Resources"][f"{title}Build"]["Properties"]["Source"]["BuildSpec"])
        commands = [line for phase in spec["phases"].values() for line in phase["commands"]]
        for command in ("lint", f"permissions {family} --check", f"pipeline prepare {family}"):
            assert any(line.startswith(f"python build.py {command}") for line in commands), (family, command)
        prepare = next(
            action
            for action in template["Resources"][f"{title}Pipeline"]["Properties"]["Stages"][1]["Actions"]
            if action["Name"] == "Prepare"
        )["Configuration"]
        taken = {prepare["TemplatePath"], prepare["TemplateConfiguration"]}
        build = spec["artifacts"].get("secondary-artifacts", {"Build": spec["artifacts"]})["Build"]
        assert taken == {f"Build::{file}" for file in build["files"]}


def test_a_push_to_the_branch_that_touches_its_files_starts_a_pipeline(base: Callable[..., dict[str, Any]]) -> None:
    template = base(branch="release/2", paths={"backend": ["lambda_src/**", "app.yaml"]})
    result = {name: entry["Triggers"] for name, entry in of(template, "AWS::CodePipeline::Pipeline").items()}
    branch = {"Branches": {"Includes": ["release/2"]}}
    paths = {"FilePaths": {"Includes": ["lambda_src/**", "app.yaml"]}}
    for name, (trigger,) in result.items():
        push = {**branch, **(paths if name == "BackendPipeline" else {})}
        assert trigger["GitConfiguration"] == {"SourceActionName": "Source", "Push": [push]}


def test_a_connection_is_created_unless_one_is_named(base: Callable[..., dict[str, Any]]) -> None:
    result = of(base(source="gitlab", repository="a/b/c"), "AWS::CodeConnections::Connection")
    assert [entry["ProviderType"] for entry in result.values()] == ["GitLab"]
    template = base(connection=CONNECTION)
    assert of(template, "AWS::CodeConnections::Connection") == {}
    source = template["Resources"]["DataPipeline"]["Properties"]["Stages"][0]["Actions"][0]["Configuration"]
    assert source["ConnectionArn"] == CONNECTION


def test_failures_go_to_an_encrypted_topic_that_only_the_rule_may_use(template: dict[str, Any]) -> None:
    (topic,) = of(template, "AWS::SNS::Topic").values()
    assert topic["KmsMasterKeyId"] == {"Ref": "PipelineKey"}
    assert topic["Subscription"] == [{"Protocol": "email", "Endpoint": "team@example.com"}]
    rule = template["Resources"]["PipelineFailedRule"]["Properties"]
    assert rule["EventPattern"]["detail"] == {"state": ["FAILED"], "pipeline": [NAMES[item] for item in STACKS]}
    tls, publish = of(template, "AWS::SNS::TopicPolicy")["PipelineTopicPolicy"]["PolicyDocument"]["Statement"]
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    own = f"arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/{rule['Name']}"
    assert publish["Condition"]["ArnLikeIfExists"] == {"aws:SourceArn": {"Fn::Sub": own}}


def test_the_key_is_rotated_kept_and_lets_no_service_in_but_for_the_topic(template: dict[str, Any]) -> None:
    body = template["Resources"]["PipelineKey"]
    assert (body["DeletionPolicy"], body["Properties"]["EnableKeyRotation"]) == ("RetainExceptOnCreate", True)
    statements = body["Properties"]["KeyPolicy"]["Statement"]
    (service,) = [statement for statement in statements if "Service" in statement["Principal"]]
    topic = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:notes-dev-pipelines"
    context = {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": {"Fn::Sub": topic}}}
    assert (service["Principal"]["Service"], service["Condition"]) == (["events.amazonaws.com"], context)


@pytest.mark.parametrize(
    "pipelines",
    [
        {"notify": "team@example.com", "paths": {"backend": ["lambda_src/**"]}},
        {"source": "codecommit", "repository": "notes", "approval": False},
        {"connection": CONNECTION.replace("codeconnections", "codestar-connections")},
    ],
)
def test_base_passes_cfn_lint_and_our_rules(piped: Callable[..., App], pipelines: dict[str, Any]) -> None:
    app = piped(**pipelines)
    rendered = [stack for stack in render(app, app.stages["dev"]) if stack.stack == "base"]
    assert [str(finding) for finding in lint(rendered) if finding.fails] == []
    assert [str(finding) for finding in check(render(app, app.stages["dev"])) if finding.stack == "base"] == []


def test_parts_of_a_large_backend_are_deployed_one_after_the_other(root: Path) -> None:

    data = yaml.safe_load((root / "app.yaml").read_text())
    data["backend"]["stacks"] = 2
    data["base"] = {"pipelines": {"repository": "someone/notes"}}
    app = validated(data)
    template = dict(next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "base").template)
    deploy = [name for stage, name in actions(template, "BackendPipeline") if stage == "dev"][1:]
    parts = [name.removeprefix("Prepare") for name in deploy if name.startswith("Prepare")]
    assert len(parts) == 3
    assert deploy == [f"{kind}{part}" for part in parts for kind in ("Prepare", "Approve", "Execute")]
    for part in parts:
        title = "Backend" + part.removeprefix("-")
        assert f"{title}DeployRole" in template["Resources"]


def test_an_application_in_a_folder_of_its_repository_is_built_and_followed_there(
    base: Callable[..., dict[str, Any]],
) -> None:
    template = base(folder="services/shop", paths={"data": ["schemas/**"]})
    commands = commands_of(template, "FrontendBuild")
    assert commands[0] == "cd services/shop"
    back = commands.index("cd ../..")
    assert "--exclude=./services/shop/.venv" in commands[back + 2]
    assert commands_of(template, "FrontendPublish")[2] == "cd services/shop"
    spec = yaml.safe_load(template["Resources"]["DataBuild"]["Properties"]["Source"]["BuildSpec"])
    assert "services/shop/templates_out/dev/data.yaml" in spec["artifacts"]["files"]
    pipelines = {key: template["Resources"][f"{key}Pipeline"]["Properties"] for key in ("Data", "Backend")}
    places = [
        action["Configuration"]["TemplatePath"]
        for stage in pipelines["Data"]["Stages"]
        for action in stage["Actions"]
        if "TemplatePath" in action["Configuration"]
    ]
    assert places
    assert all("::services/shop/templates_out/" in place for place in places)
    patterns = {
        key: body["Triggers"][0]["GitConfiguration"]["Push"][0]["FilePaths"]["Includes"]
        for key, body in pipelines.items()
    }
    assert patterns == {"Data": ["schemas/**"], "Backend": ["services/shop/**"]}
