"""Step Functions workflows: a definition file, and a role with the rights that its tasks need."""

from __future__ import annotations

from stacks.kinds.kind import Kind

WORKFLOWS = Kind(
    name="workflows",
    singular="workflow",
    title="Step Functions",
    section="backend",
    type="AWS::StepFunctions::StateMachine",
    suffix="Workflow",
    service="states",
    endpoint="states",
    uses={"start": ("states:StartExecution",)},
    variable=("WORKFLOW_ARN", "the ARN"),
    files=("definition",),
    named=True,
    shared=("AWS::StepFunctions::",),
    endings=("WorkflowPolicy", "WorkflowRole"),
    parts=("prices", "resources", "rules", "suppressions"),
)
