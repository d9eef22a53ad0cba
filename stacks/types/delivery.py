"""Types of pipelines and builds."""

from __future__ import annotations

from stacks.types.record import Missing, OnlyIf, Quota, Type, TypeScope, arn

DELIVERY: dict[str, Type] = {
    "AWS::CodeBuild::Project": Type(
        name="Name",
        scope=TypeScope((arn("codebuild", "project/{name}"),)),
        hands_roles={"ServiceRole": "codebuild"},
        handlers={
            "create": ("codebuild:CreateProject", "iam:PassRole"),
            "read": ("codebuild:BatchGetProjects",),
            "update": ("codebuild:UpdateProject", "iam:PassRole"),
            "delete": ("codebuild:DeleteProject",),
        },
        emulator_drops=("VpcConfig",),
    ),
    "AWS::CodePipeline::Pipeline": Type(
        name="Name",
        scope=TypeScope((arn("codepipeline", "{name}"),)),
        hands_roles={"RoleArn": "codepipeline"},
        only_if=(OnlyIf("Stages~CodeStarSourceConnection", ("codestar-connections:PassConnection",), "handler"),),
        missing=(
            Missing(
                "Stages~CodeStarSourceConnection",
                "codeconnections:PassConnection",
                "dtconsole/latest/userguide/security-iam.html; the handler lists the service's former name only",
            ),
        ),
        quotas=(
            Quota(
                "Stages.*.Actions",
                50,
                "actions of a pipeline's stage",
                "Build fewer stacks at once",
                source="https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html",
            ),
            Quota(
                "Triggers.*.GitConfiguration.Push.*.FilePaths.Includes",
                8,
                "patterns of paths",
                "Use wider ones",
                source="https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitFilePathFilterCriteria.html",
            ),
        ),
    ),
}
