"""The workflows that ``ci`` writes: what each service reads in them, and what they guarantee."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks.ci.files import workflow
from stacks.cli import main
from stacks.errors import UsageError
from stacks.loading import validated
from tests.ci.conftest import ACCOUNT, BITBUCKET

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App

SERVICES: dict[str, Any] = {
    "github": "someone/notes",
    "gitlab": "group/notes",
    "bitbucket": BITBUCKET,
}


def described(service: str, **dev: Any) -> dict[str, Any]:
    """Two stages, the second in an environment."""
    shared = {"ci": {service: SERVICES[service], "environment": "development"}, "trail": "existing"}
    prod = {"ci": {"environment": "production", "provider": "existing"}}
    return {
        "name": "notes",
        "base": shared,
        "data": {"tables": {"notes": {"partition_key": "id"}}},
        "stages": {
            "dev": {"region": "eu-west-1", "account": ACCOUNT, **dev},
            "prod": {"region": "us-east-1", "base": prod},
        },
    }


def app_of(service: str, **dev: Any) -> App:
    return validated(described(service, **dev))


def read(service: str, **dev: Any) -> dict[str, Any]:
    """The workflow as YAML 1.2 reads it: ``on`` is not a boolean."""
    text = workflow(app_of(service, **dev), service, "stacks").replace("\non:", "\n'on':")
    result: dict[str, Any] = yaml.safe_load(text)
    return result


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_gitlab_deploys_at_once_where_no_environment_asks_somebody() -> None:
    described_without = described("gitlab")
    del described_without["base"]["ci"]["environment"]
    del described_without["stages"]["prod"]
    jobs = yaml.safe_load(workflow(validated(described_without), "gitlab", "stacks"))
    deploying = [job for job in jobs.values() if "stacks deploy" in str(job) and "--deploy-roles" in str(job)]
    assert deploying
    assert all("environment" not in job and job["rules"][0].get("when") is None for job in deploying)


def test_every_action_of_github_is_pinned_by_a_commit_with_its_release() -> None:
    text = workflow(app_of("github"), "github", "stacks")
    used = [line.strip() for line in text.splitlines() if "uses: " in line]
    assert len(used) >= 10
    pinned = re.compile(r"- uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_github_gives_each_job_what_it_needs_and_no_more() -> None:
    result = read("github")
    assert result["permissions"] == {}
    assert {name: job["permissions"] for name, job in result["jobs"].items()} == {
        "test": {"contents": "read"},
        "plan": {"contents": "read", "id-token": "write"},
        "comment": {"pull-requests": "write"},
        "build": {"contents": "read"},
        "deploy-dev": {"contents": "read", "id-token": "write"},
        "deploy-prod": {"contents": "read", "id-token": "write"},
    }
    assert "checkout" not in str(result["jobs"]["comment"])
    assert "secrets." not in str(result)


def test_github_plans_pull_requests_of_the_repository_and_deploys_pushes_in_order() -> None:
    result = read("github")
    assert result["on"] == {"pull_request": {"branches": ["main"]}, "push": {"branches": ["main"]}}
    jobs = result["jobs"]
    assert "head.repo.full_name == github.repository" in jobs["plan"]["if"]
    assert jobs["build"]["needs"] == "test"
    assert jobs["deploy-dev"]["needs"] == ["build"]
    assert jobs["deploy-prod"]["needs"] == ["build", "deploy-dev"]
    for name, group in (("deploy-dev", "notes-dev"), ("deploy-prod", "notes-prod")):
        assert jobs[name]["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
        assert jobs[name]["concurrency"] == {"group": group, "cancel-in-progress": False}
    assert jobs["deploy-prod"]["environment"] == "production"


def test_roles_are_those_of_base_in_the_account_of_the_stage() -> None:
    jobs = read("github")["jobs"]
    roles = {
        step["with"]["role-to-assume"]
        for job in jobs.values()
        for step in job["steps"]
        if "credentials" in str(step) and "with" in step and "role-to-assume" in step["with"]
    }
    own, other = f"arn:aws:iam::{ACCOUNT}:role/notes-dev/platform", "arn:aws:iam::${{ vars.AWS_ACCOUNT_ID }}:role"
    assert roles == {
        f"{own}/notes-dev-ci-plan",
        f"{own}/notes-dev-ci-deploy",
        f"{other}/notes-prod/platform/notes-prod-ci-plan",
        f"{other}/notes-prod/platform/notes-prod-ci-deploy",
    }


@pytest.mark.parametrize("service", SERVICES)
def test_deployments_check_their_roles_and_agree_to_nothing(service: str) -> None:
    text = workflow(app_of(service), service, "stacks")
    for stage in ("dev", "prod"):
        check, deploy = f"stacks permissions --check --stage {stage}", f"stacks deploy --stage {stage} --deploy-roles"
        assert text.rindex(check) < text.index(deploy)
    assert "--yes" not in text
    assert "--allow-replacement" not in text
    assert "--take-over" not in text


def test_gitlab_runs_one_deployment_of_a_stage_at_a_time_and_asks_before_an_environment() -> None:
    result = read("gitlab")
    assert result["deploy-prod"]["needs"] == ["build", "deploy-dev"]
    assert result["deploy-prod"]["resource_group"] == "notes-prod"
    assert result["deploy-prod"]["environment"] == {"name": "production"}
    assert result["deploy-prod"]["rules"][0]["when"] == "manual"
    assert result["deploy-dev"]["id_tokens"] == {"AWS_TOKEN": {"aud": "https://gitlab.com"}}
    assert result["plan-dev"]["variables"]["AWS_ROLE_ARN"].endswith("role/notes-dev/platform/notes-dev-ci-plan")


def test_bitbucket_deploys_in_deployments_and_later_stages_by_hand() -> None:
    pipeline = read("bitbucket")["pipelines"]
    test, build, dev, prod = [entry["step"] for entry in pipeline["branches"]["main"]]
    assert (test["name"], build["name"], dev["name"], prod["name"]) == ("Test", "Build", "Deploy dev", "Deploy prod")
    assert (dev["deployment"], prod["deployment"]) == ("development", "production")
    assert "oidc" not in test
    assert "oidc" not in build
    assert dev["oidc"] is True
    assert ("trigger" in dev, prod["trigger"]) == (False, "manual")
    assert [entry["step"]["name"] for entry in pipeline["pull-requests"]["**"]] == ["Test", "Plan dev", "Plan prod"]


def jobs_of(service: str) -> dict[str, tuple[dict[str, Any], str]]:
    """Job → what the service reads of it, and its commands, of a description that says how the site is built."""
    jobs = read(service, base={"ci": {"build": ["npm run build"], "install": ["uv pip install -r dev.txt"]}})
    if service == "github":
        return {name: (job, commands(job)) for name, job in jobs["jobs"].items()}
    if service == "gitlab":
        return {name: (job, "\n".join(job["script"])) for name, job in jobs.items() if "script" in job}
    steps = [entry["step"] for entry in jobs["pipelines"]["branches"]["main"]]
    return {step["name"].lower().replace(" ", "-"): (step, "\n".join(step["script"])) for step in steps}


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_deployed_after_an_approval_was_built_before_it(service: str) -> None:
    jobs = jobs_of(service)
    job, built = jobs["build"]
    assert built.index("npm run build") < built.index("stacks render --stage dev") < built.index("release.tar")
    assert not {"environment", "deployment", "oidc", "id_tokens"} & job.keys()
    for stage in ("dev", "prod"):
        _, deployed = jobs[f"deploy-{stage}"]
        assert "npm run build" not in deployed
        assert "stacks package" not in deployed
        checked = deployed.index('echo "$RELEASE_SHA256  .build/release.tar" | sha256sum --check')
        assert checked < deployed.index("tar -xf") < deployed.index("python -m venv")
        assert deployed.rstrip().endswith("--deploy-roles --packaged --no-check")


def test_the_digest_of_a_release_reaches_deployments_by_another_way_than_the_archive() -> None:
    github, _ = jobs_of("github")["deploy-prod"]
    (unpack,) = [step for step in github["steps"] if step.get("name") == "Unpack"]
    assert unpack["env"] == {"RELEASE_SHA256": "${{ needs.build.outputs.sha256 }}"}
    assert not any("checkout" in step.get("uses", "") for step in github["steps"])
    build, script = jobs_of("github")["build"]
    assert build["outputs"] == {"sha256": "${{ steps.release.outputs.sha256 }}"}
    assert script.rstrip().endswith('echo "sha256=$RELEASE_SHA256" >> "$GITHUB_OUTPUT"')
    gitlab, _ = jobs_of("gitlab")["build"]
    assert gitlab["artifacts"] == {"paths": [".build/release.tar"], "reports": {"dotenv": ".build/release.env"}}
    assert jobs_of("gitlab")["deploy-prod"][0]["variables"]["GIT_STRATEGY"] == "empty"
    bitbucket, _ = jobs_of("bitbucket")["build"]
    assert bitbucket["output-variables"] == ["RELEASE_SHA256"]
    assert jobs_of("bitbucket")["deploy-prod"][0]["clone"] == {"enabled": False}


def test_stages_of_different_branches_do_not_wait_for_each_other() -> None:
    jobs = read("github", base={"ci": {"branch": "develop"}})["jobs"]
    assert (jobs["deploy-dev"]["needs"], jobs["deploy-prod"]["needs"]) == (["build-dev"], ["build-prod"])
    assert jobs["build-dev"]["if"] == jobs["deploy-dev"]["if"]
    assert "refs/heads/develop" in jobs["deploy-dev"]["if"]
    conditions = [step["if"] for step in jobs["plan"]["steps"] if "base_ref" in step.get("if", "")]
    assert conditions == ["github.base_ref == 'develop'"] * 2 + ["github.base_ref == 'main'"] * 2


def test_a_service_that_no_stage_names_is_refused_with_the_one_that_they_name() -> None:
    with pytest.raises(UsageError, match=r"no stage is deployed by gitlab, but by github\. Run 'ci github'"):
        workflow(app_of("github"), "gitlab", "stacks")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.yaml").write_text(yaml.safe_dump(described("github")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_prints_and_writes_and_never_overwrites(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / ".github" / "workflows" / "deploy.yml"
    assert main(["ci", "github"]) == 0
    printed = capsys.readouterr().out
    assert main(["ci", "github", "--output", str(file)]) == 0
    assert file.read_text() == printed
    file.write_text("mine\n")
    assert main(["ci", "github", "--output", str(file)]) == 2
    assert "exists already. Name another file, or add --force" in capsys.readouterr().err
    assert file.read_text() == "mine\n"
    assert main(["ci", "github", "--output", str(file), "--force"]) == 0
    assert file.read_text() == printed


@pytest.mark.usefixtures("project")
def test_force_without_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ci", "github", "--force"]) == 2
    assert capsys.readouterr().err == "--force: replaces a file, and none is named. Add --output FILE.\n"
