"""A pipeline → its CodePipeline, whose role starts its builds, changes its stacks and passes their roles. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Join, Ref, Sub, codepipeline, iam

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.model.base import CONNECTED
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged, when
from stacks.pipelines.actions import CHANGE_SET, stages
from stacks.pipelines.building import passes_roles, reads
from stacks.pipelines.pipeline import BUCKET, KEY, TOPIC, stack_arn
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import Statement
    from troposphere import AWSObject, GetStackOutput

    from stacks.app import Pipelines
    from stacks.json_types import JsonDict
    from stacks.pipelines.pipeline import Pipeline, PipelineStage
    from stacks.template.rendered import Rendered

_CONNECTIONS = "CodeStarSourceConnection"
# What a source action uploads with and checks its bucket with; sources behind a connection need all of it.
# https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html and aws-cdk#13557
_ARTIFACT = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl")
_STORE = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning")


def pipeline_resources(pipeline: Pipeline, pipelines: Pipelines, connection: Any) -> Iterator[AWSObject]:
    """A pipeline with its role and policy; ``connection`` is the ARN of the connection, if it has one."""
    stage = pipeline.stage
    document = policy(*_statements(pipeline, pipelines, connection))
    rights = managed_policy(pipeline.id("PipelinePolicy"), stage, "platform", document)
    role = iam.Role(
        pipeline.id("PipelineRole"),
        RoleName=pipeline.role_name(pipeline.stages[0], "pipeline"),
        Path=naming.role_path(stage, "platform"),
        AssumeRolePolicyDocument=trust_from("codepipeline", pipeline.arn),
        ManagedPolicyArns=[Ref(rights)],
        Tags=tagged(stage, BASE),
    )
    triggers: JsonDict = {"Triggers": [_trigger(pipeline, pipelines)]} if pipelines.source in CONNECTED else {}
    yield from (rights, role)
    yield codepipeline.Pipeline(
        pipeline.id("Pipeline"),
        Name=pipeline.name,
        PipelineType="V2",
        RoleArn=GetAtt(role, "Arn"),
        Stages=stages(pipeline, pipelines, connection),
        Tags=tagged(stage, BASE),
        **_stores(pipeline),
        **triggers,
    )


def _stores(pipeline: Pipeline) -> JsonDict:
    """The artifact stores: a bucket and a key in each region that the pipeline acts in.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html
    """
    own = _store(Ref(BUCKET), GetAtt(KEY, "Arn"))
    if not pipeline.regions:
        return {"ArtifactStore": own}
    every = {pipeline.stage.region: own}
    every |= {region: _store(pipeline.bucket_in(region), pipeline.key_in(region)) for region in pipeline.regions}
    return {
        "ArtifactStores": [
            codepipeline.ArtifactStoreMap(Region=region, ArtifactStore=store) for region, store in every.items()
        ]
    }


def _store(bucket: Ref | Sub, key: GetAtt | GetStackOutput) -> codepipeline.ArtifactStore:
    return codepipeline.ArtifactStore(
        Type="S3", Location=bucket, EncryptionKey=codepipeline.EncryptionKey(Type="KMS", Id=key)
    )


def _trigger(pipeline: Pipeline, pipelines: Pipelines) -> codepipeline.PipelineTriggerDeclaration:
    """The trigger: a push to the branch that changes the pipeline's files. It replaces the default change detection.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineTriggerDeclaration.html
    """
    inside = (f"{pipelines.folder}/**",) if pipelines.folder else ()
    patterns = pipelines.paths.get(pipeline.key, inside)
    files: JsonDict = {"FilePaths": codepipeline.GitFilePathFilterCriteria(Includes=list(patterns))} if patterns else {}
    push = codepipeline.GitPushFilter(
        Branches=codepipeline.GitBranchFilterCriteria(Includes=[pipelines.branch]), **files
    )
    return codepipeline.PipelineTriggerDeclaration(
        ProviderType=_CONNECTIONS,
        GitConfiguration=codepipeline.GitConfiguration(SourceActionName="Source", Push=[push]),
    )


def _statements(pipeline: Pipeline, pipelines: Pipelines, connection: object) -> Iterator[Statement]:
    yield from _artifacts(pipeline, pipelines)
    yield _source(pipelines, connection)
    builds = [
        GetAtt(pipeline.id(kind, pipeline_stage), "Arn")
        for pipeline_stage in pipeline.stages
        for kind in ("Build", *(["Publish"] if pipeline_stage.publishes_files else []))
    ]
    yield allow("codebuild:BatchGetBuilds", "codebuild:StartBuild", on=builds)
    for pipeline_stage in pipeline.stages:
        if pipeline.is_cross_account(pipeline_stage):
            yield allow("sts:AssumeRole", on=pipeline.acting_role(pipeline_stage))
        else:
            yield from changes(pipeline, pipeline_stage)
    if _asks(pipeline) and pipelines.notify:
        yield allow("sns:Publish", on=Ref(TOPIC))


def _asks(pipeline: Pipeline) -> bool:
    return any(pipeline_stage.settings.approval for pipeline_stage in pipeline.stages)


def _artifacts(pipeline: Pipeline, pipelines: Pipelines) -> Iterator[Statement]:
    """The pipeline's own artifacts, with the pipelines' key; questions to a person use it, too.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    """
    services = ["s3", "sns"] if _asks(pipeline) and pipelines.notify else ["s3"]
    through = when(
        StringEquals={"kms:ViaService": [f"{name}.{pipeline.stage.region}.amazonaws.com" for name in services]}
    )
    yield allow(*_ARTIFACT, on=pipeline.artifacts())
    yield allow(*_STORE, on=GetAtt(BUCKET, "Arn"))
    yield allow("kms:Decrypt", "kms:GenerateDataKey", on=GetAtt(KEY, "Arn"), Condition=through)
    for region in pipeline.regions:
        yield from _copies(pipeline, region)


def _copies(pipeline: Pipeline, region: str) -> Iterator[Statement]:
    """The pipeline's artifacts in the bucket of another region, to which CodePipeline copies them."""
    through = when(StringEquals={"kms:ViaService": f"s3.{region}.amazonaws.com"})
    bucket = Join("", [Sub("arn:${AWS::Partition}:s3:::"), pipeline.bucket_in(region)])
    yield allow(*_ARTIFACT, on=pipeline.copies(region))
    yield allow(*_STORE, on=bucket)
    yield allow("kms:Decrypt", "kms:GenerateDataKey", on=pipeline.key_in(region), Condition=through)


def _source(pipelines: Pipelines, connection: Any) -> Statement:
    """The connection, for one repository and branch. Calls that concern none do not have these keys (``IfExists``).

    https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html#permissions-reference-connections
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_codeconnections.html
    """
    if pipelines.source == "codecommit":
        verbs = ("CancelUploadArchive", "GetBranch", "GetCommit", "GetUploadArchiveStatus", "UploadArchive")
        return allow(*(f"codecommit:{verb}" for verb in verbs), on=arn("codecommit", pipelines.repository))
    # Older connections have the service's former name in their ARN, and IAM then wants it everywhere.
    service = "codestar-connections" if ":codestar-connections:" in str(connection) else "codeconnections"
    named = {"FullRepositoryId": pipelines.repository, "BranchName": pipelines.branch}
    own = when(StringEqualsIfExists={f"{service}:{key}": value for key, value in named.items()})
    return allow(f"{service}:UseConnection", on=connection, Condition=own)


def changes(pipeline: Pipeline, pipeline_stage: PipelineStage) -> Iterator[Statement]:
    """The pipeline's change sets of a stage's stacks, and the roles that CloudFormation gets for them."""
    deployed = [(stack, pipeline.deploy_role(pipeline_stage, stack)) for stack in pipeline_stage.stacks]
    for rendered_stack, role in deployed:
        yield from _changes(rendered_stack, role)
    yield from reads(pipeline_stage.stacks)
    yield passes_roles([role for _, role in deployed])


def _changes(stack: Rendered, role: object) -> Iterator[Statement]:
    """The pipeline's change set of one stack, with that stack's role.

    CloudFormation does not send the change set's name with every request about one that exists (aws-cdk#1034);
    a new one always has it. A failed action reads the stack's events for its message (aws-cdk#29534).
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    """
    own_change_set = {"cloudformation:ChangeSetName": CHANGE_SET}
    on = stack_arn(stack.name, stack.region)
    with_role = when(StringEquals=own_change_set, ArnEquals={"cloudformation:RoleArn": role})
    yield allow("cloudformation:CreateChangeSet", on=on, Condition=with_role)
    verbs = ("DeleteChangeSet", "DescribeChangeSet", "ExecuteChangeSet")
    yield allow(
        *(f"cloudformation:{verb}" for verb in verbs), on=on, Condition=when(StringEqualsIfExists=own_change_set)
    )
    yield allow("cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks", on=on)
