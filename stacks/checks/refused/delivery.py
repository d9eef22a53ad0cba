"""What EventBridge, CloudWatch, CodeBuild and CodePipeline refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.checks.refused.reading import number, plain
from stacks.checks.rule import Hit, Resource, Stacks, refusal
from stacks.checks.values import known_list, text
from stacks.intrinsics.functions import has_function, is_function
from stacks.json_types import at, mapping
from stacks.model.schedules import schedule
from stacks.model.texts import Mistake
from stacks.sizes import compact

_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide"
_PIPELINES = "https://docs.aws.amazon.com/codepipeline/latest/userguide"
_RULE, _PIPELINE = "AWS::Events::Rule", "AWS::CodePipeline::Pipeline"
_SCHEDULED = {
    _RULE: ("ScheduleExpression",),
    "AWS::Scheduler::Schedule": ("ScheduleExpression",),
}


@refusal(
    "SCHEDULE",
    why="EventBridge refuses the schedule: Parameter ScheduleExpression is not valid",
    fix="Write 'rate(5 minutes)' or 'cron(0 4 * * ? *)': six fields, '?' as one of the two days, 1-7 or SUN-SAT",
    source=f"{_EVENTS}/eb-scheduled-rule-pattern.html",
)
def schedules_are_schedules(stacks: Stacks) -> Iterator[Hit]:
    """Schedules are ones that EventBridge takes."""
    for resource in stacks.of(*_SCHEDULED):
        for name in _SCHEDULED[resource.type]:
            written = plain(resource.at(name), resource.region)
            if written is None or (written.startswith("at(") and resource.type != _RULE):
                continue
            try:
                schedule(written)
            except Mistake as mistake:
                yield resource.hit(name, mistake.what)
    for item in stacks.of("AWS::Backup::BackupPlan"):
        for index, entry in enumerate(known_list(item.at("BackupPlan", "BackupPlanRule"))):
            written = plain(at(entry, "ScheduleExpression"), item.region)
            if written is not None:
                try:
                    schedule(written)
                except Mistake as mistake:
                    yield item.hit(f"BackupPlan.BackupPlanRule[{index}].ScheduleExpression", mistake.what)


_MOST_TARGETS, _LONGEST_PATTERN = 5, 4_096


@refusal(
    "EVENT-RULE",
    why="EventBridge refuses the rule",
    fix="Set a schedule or a pattern whose values are lists, and at most five targets, each with its own Id",
    source="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html",
)
def rules_have_what_they_need(stacks: Stacks) -> Iterator[Hit]:
    """A rule has a schedule or a valid pattern, and targets that differ."""
    for resource in stacks.of(_RULE):
        pattern = resource.at("EventPattern")
        if pattern is None and resource.at("ScheduleExpression") is None:
            yield resource.hit("EventPattern", "is missing, and so is ScheduleExpression")
        if resource.at("ScheduleExpression") and text(resource.at("EventBusName")) not in {None, "default"}:
            yield resource.hit("EventBusName", "is not the default bus, which alone takes schedules")
        for place in _wrong(pattern, "EventPattern"):
            yield resource.hit(place, "is not a list: each value of a pattern is")
        if isinstance(pattern, Mapping) and len(compact(pattern)) > _LONGEST_PATTERN:
            yield resource.hit("EventPattern", f"is longer than {_LONGEST_PATTERN:,} characters")
        targets = known_list(resource.at("Targets"))
        ids = [text(at(target, "Id")) for target in targets]
        if len(targets) > _MOST_TARGETS:
            yield resource.hit("Targets", f"are {len(targets)}, {_MOST_TARGETS} are allowed")
        for name in sorted({identifier for identifier in ids if identifier and ids.count(identifier) > 1}):
            yield resource.hit("Targets", f"have the Id {name} twice")
        for index, target in enumerate(targets):
            inputs = [name for name in ("Input", "InputPath", "InputTransformer") if name in mapping(target)]
            if len(inputs) > 1:
                yield resource.hit(f"Targets[{index}]", f"has {' and '.join(inputs)}")


def _wrong(pattern: object, place: str) -> Iterator[str]:
    if not isinstance(pattern, Mapping) or is_function(pattern):
        return
    for name, value in pattern.items():
        if isinstance(value, Mapping):
            yield from _wrong(value, f"{place}.{name}")
        elif not isinstance(value, list | tuple):
            yield f"{place}.{name}"


@refusal(
    "ALARM",
    why="CloudWatch refuses the alarm",
    fix="Set MetricName with Namespace, Period and one of Statistic and ExtendedStatistic, or Metrics alone; look at a "
    "day at most",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
)
def alarms_have_what_they_need(stacks: Stacks) -> Iterator[Hit]:
    """An alarm has one metric and one statistic, over a day at most (seven with periods of an hour or more)."""
    for resource in stacks.of("AWS::CloudWatch::Alarm"):
        if resource.at("Metrics"):
            for name in ("MetricName", "Namespace", "Statistic", "Period", "Dimensions"):
                if resource.at(name):
                    yield resource.hit(name, "is set together with Metrics")
            continue
        if resource.at("MetricName"):
            for name in ("Namespace", "Period"):
                if not resource.at(name):
                    yield resource.hit(name, "is missing")
            if bool(resource.at("Statistic")) == bool(resource.at("ExtendedStatistic")):
                yield resource.hit("Statistic", "and ExtendedStatistic: exactly one is needed")
        yield from _times(resource)


def _times(resource: Resource) -> Iterator[Hit]:
    period, count = number(resource.at("Period")), number(resource.at("EvaluationPeriods"))
    most = 604_800 if period and period >= 3_600 else 86_400  # noqa: PLR2004 - seconds of an hour
    if period and count and period * count > most:
        yield resource.hit("EvaluationPeriods", f"look at {period * count:,.0f} s, {most:,} are allowed")
    enough = number(resource.at("DatapointsToAlarm"))
    if enough and count and enough > count:
        yield resource.hit("DatapointsToAlarm", f"is {enough:g} of {count:g}")


@refusal(
    "PIPELINE-STAGES",
    why="CodePipeline refuses the pipeline",
    fix="Begin with a stage of sources, have two stages or more, and names that differ",
    source=f"{_PIPELINES}/reference-pipeline-structure.html",
)
def pipelines_begin_with_a_source(stacks: Stacks) -> Iterator[Hit]:
    """A pipeline has two stages or more; sources are in the first and nowhere else; artifacts are made before."""
    for resource in stacks.of(_PIPELINE):
        stages = known_list(resource.at("Stages"))
        names = [text(at(stage, "Name")) for stage in stages]
        if len(stages) < 2 and not is_function(resource.at("Stages")):  # noqa: PLR2004 - CodePipeline's least
            yield resource.hit("Stages", f"are {len(stages)}, two are the least")
        for name in sorted({other for other in names if other and names.count(other) > 1}):
            yield resource.hit("Stages", f"have the name {name} twice")
        yield from _actions(resource, stages)


def _actions(resource: Resource, stages: list[Any]) -> Iterator[Hit]:
    results: set[str] = set()
    for index, stage in enumerate(stages):
        actions = [mapping(action) for action in known_list(at(stage, "Actions"))]
        categories = {text(at(action, "ActionTypeId", "Category")) for action in actions}
        if index == 0 and categories - {"Source", None}:
            yield resource.hit("Stages[0]", "holds more than sources")
        if index and "Source" in categories:
            yield resource.hit(f"Stages[{index}]", "holds a source")
        if not actions and not has_function(stage):
            yield resource.hit(f"Stages[{index}]", "holds no action")
        for action in sorted(actions, key=lambda entry: number(entry.get("RunOrder")) or 1):
            for artifact in known_list(action.get("InputArtifacts")):
                name = text(at(artifact, "Name"))
                if name and "$" not in name and name not in results:
                    yield resource.hit(f"Stages[{index}]", f"{text(action.get('Name'))} takes {name}, not made before")
            results |= {text(at(entry, "Name")) or "" for entry in known_list(action.get("OutputArtifacts"))}


@refusal(
    "BUILD-SOURCE-KIND",
    why="CodeBuild refuses a project whose source is a pipeline and whose artifacts are not, and the other way round",
    fix="Set both Source.Type and Artifacts.Type to CODEPIPELINE, or neither",
    source="https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html",
)
def builds_of_pipelines_belong_to_them(stacks: Stacks) -> Iterator[Hit]:
    """Source and artifacts of a project are both a pipeline's or neither."""
    for resource in stacks.of("AWS::CodeBuild::Project"):
        source, artifacts = text(resource.at("Source", "Type")), text(resource.at("Artifacts", "Type"))
        known = source and artifacts and "$" not in source + artifacts
        if known and (source == "CODEPIPELINE") != (artifacts == "CODEPIPELINE"):
            yield resource.hit("Artifacts.Type", f"is {artifacts}, Source.Type is {source}")
        if source == "NO_SOURCE" and not resource.at("Source", "BuildSpec"):
            yield resource.hit("Source.BuildSpec", "is missing without a source")


RULES = (
    schedules_are_schedules,
    rules_have_what_they_need,
    alarms_have_what_they_need,
    pipelines_begin_with_a_source,
    builds_of_pipelines_belong_to_them,
)
