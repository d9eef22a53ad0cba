"""An AWS account in memory, for tests of what deploys: ``MemoryCloud`` fits ``stacks.cloud.Cloud``.

It keeps CloudFormation's rules as far as a deployer can distinguish them: change sets from differences of
template and parameters, references resolved when a stack is executed (and only then), statuses and
events in CloudFormation's order, rollbacks, retained resources, buckets that are not empty. Physical ids
and attributes are invented, the same ones every time. Nothing is validated: cfn-lint does that.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from stacks.cloud import ChangedResource, ChangeSet, Event, NoChanges, StackResource, StackState, Work
from stacks.errors import DeployError
from stacks.forecast.stateful import RETAINED
from stacks.template.pseudo import pseudo_parameters
from stacks.template.wired import PUBLISHED_TYPE
from stacks.testing.data import MemoryData
from stacks.testing.held import HeldStack
from stacks.testing.imitation import (
    ExecutionScope,
    Log,
    all_parameters,
    changes,
    check_parameters,
    drifted,
    fetched,
    forbidden,
    physical_id,
    refused,
)
from stacks.types import known as known_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.cloud import Drifted, LogEvent, Submission
    from stacks.deploy.collisions import Named
    from stacks.json_types import JsonDict

_Verb = Literal["CREATE", "UPDATE", "IMPORT"]


class MemoryCloud(MemoryData):
    """An account that starts empty; tests may look at and fill ``buckets``, ``invalidations`` and ``logs``.

    >>> from stacks import App, Stage, plan, render
    >>> from stacks.deploy.execute import deploy
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> cloud = MemoryCloud()
    >>> outputs = deploy(plan(render(app, app.stages["dev"])), cloud, watch=lambda event: None)
    >>> cloud.status("shop-dev-base", "eu-west-1")
    'CREATE_COMPLETE'
    """

    def __init__(self, account: str = "111111111111") -> None:
        super().__init__()
        self.invalidations: list[tuple[str, tuple[str, ...]]] = []
        self.logs: dict[str, list[LogEvent]] = {}
        self._account = account
        self._stacks: dict[tuple[str, str], HeldStack] = {}
        self._waiting: dict[str, Submission] = {}
        self._failures: dict[str, str] = {}
        self._outside: dict[tuple[str, str, str], JsonDict | None] = {}
        self._counts: defaultdict[str, int] = defaultdict(int)

    def fail(self, logical_id: str, reason: str) -> None:
        """Let every creation, update and deletion of this resource fail from now on."""
        self._failures[logical_id] = reason

    def repair(self, logical_id: str) -> None:
        """Let the resource succeed again."""
        del self._failures[logical_id]

    def change_outside(self, name: str, region: str, logical_id: str, properties: JsonDict | None) -> None:
        """Set properties of a resource without CloudFormation, as in the console; ``None`` deletes it."""
        self._outside[name, region, logical_id] = properties

    def set_status(self, name: str, region: str, status: str, work: Work | None = None) -> None:
        """Put a stack into a status, as if something else were at work on it: ``work`` says who."""
        self._change(name, region, status=status)
        self._existing(name, region).work = work or Work()

    def status(self, name: str, region: str) -> str | None:
        """Return a stack's status, ``None`` when there is no such stack."""
        state = self.stack(name, region)
        return state.status if state else None

    def properties(self, name: str, region: str, logical_id: str) -> JsonDict:
        """Return a resource's properties as they were resolved when it was last touched."""
        return self._stacks[name, region].properties[logical_id]

    # What the deployer says to it: see ``stacks.cloud.Cloud``.

    def account(self) -> str:
        """See ``Cloud.account``."""
        return self._account

    def caller(self) -> str:
        """See ``Cloud.caller``."""
        return f"arn:aws:iam::{self._account}:user/tester"

    def stack(self, name: str, region: str) -> StackState | None:
        """See ``Cloud.stack``."""
        return result.state if (result := self._stacks.get((name, region))) else None

    def regions(self) -> tuple[str, ...]:
        """See ``Cloud.regions``; those where something is."""
        return tuple(sorted({region for _, region in self._stacks}))

    def stacks(self, prefix: str, region: str) -> tuple[StackState, ...]:
        """See ``Cloud.stacks``."""
        places = sorted(stack for stack in self._stacks if stack[0].startswith(prefix) and stack[1] == region)
        return tuple(self._stacks[place].state for place in places)

    def work(self, stack: StackState) -> Work:
        """See ``Cloud.work``."""
        return self._existing(stack.name, stack.region).work

    def template(self, name: str, region: str) -> JsonDict:
        """See ``Cloud.template``."""
        return deepcopy(self._existing(name, region).template)

    def resources(self, name: str, region: str) -> tuple[StackResource, ...]:
        """See ``Cloud.resources``."""
        result = self._existing(name, region)
        bodies = result.template.get("Resources", {})
        return tuple(
            StackResource(
                logical_id=entry,
                physical_id=physical_id(name, entry, result.properties[entry]),
                type=body["Type"],
                status="UPDATE_FAILED" if entry in self._failures else "",
                reason=self._failures.get(entry, ""),
            )
            for entry, body in sorted(bodies.items())
        )

    def published(self, names: Sequence[str], region: str) -> dict[str, str]:
        """See ``Cloud.published``; stacks publish, and ``change_outside`` changes what they published."""
        result = {}
        for (stack, place), held in self._stacks.items():
            for entry, body in held.template.get("Resources", {}).items() if place == region else ():
                outside = self._outside.get((stack, region, entry), {})
                if body["Type"] == PUBLISHED_TYPE and entry in held.properties and outside is not None:
                    properties = {**held.properties[entry], **outside}
                    result[str(properties.get("Name"))] = str(properties["Value"])
        return {name: value for name, value in result.items() if name in names}

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        """See ``Cloud.prepare``."""
        check_parameters(submission)
        place = (submission.name, submission.region)
        held = self._stacks.get(place)
        old, before = (held.template, held.state.parameters | held.state.resolved) if held else ({}, {})
        known = pseudo_parameters(self.account(), submission.region, submission.name)
        after = all_parameters(submission) | fetched(self, submission)
        results = tuple(changes(old, before | known, submission.template, after | known))
        results = tuple(self._taken_back(submission, change) for change in results)
        results += tuple(self._reverted(submission, {change.logical_id for change in results}))
        if not results and old.get("Outputs", {}) == submission.template.get("Outputs", {}):
            return NoChanges(stack=submission.name)
        identity = self._next_id(f"changeset/{submission.name}")
        self._waiting[identity] = submission
        self._stacks.setdefault(place, HeldStack(state=self._reviewed(submission)))
        return ChangeSet(
            id=identity,
            stack=submission.name,
            region=submission.region,
            creates=submission.creates,
            changes=results,
        )

    def prepare_import(self, submission: Submission, resources: Sequence[Named]) -> ChangeSet:
        """See ``stacks.deploy.importing.ImportingCloud``; what is imported must exist in this account."""
        existing = self.look_up(resources, submission.region).existing
        absent = [resource for resource in resources if resource not in existing]
        if absent:
            what = f"Resource of type '{absent[0].type}' with identifier '{absent[0].text}' was not found"
            raise DeployError(submission.name, what, "Name an existing one")
        prepared = self.prepare(submission)
        if isinstance(prepared, NoChanges):
            raise DeployError(submission.name, "there is nothing to import", "Name resources that the stack lacks")
        return replace(prepared, changes=tuple(replace(change, action="import") for change in prepared.changes))

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        """See ``Cloud.execute``."""
        submission = self._waiting.pop(change_set.id)
        held = self._existing(submission.name, submission.region)
        log = Log(held.state, self._next_id)
        imports = bool(change_set.changes) and all(change.action == "import" for change in change_set.changes)
        verb: _Verb = "IMPORT" if imports else "CREATE" if submission.creates else "UPDATE"
        log.stack(f"{verb}_IN_PROGRESS")
        denied = forbidden(held.policy, change_set.changes)
        failures = {**refused(held.template, submission.template), **denied, **self._failures}
        culprit = next((change.logical_id for change in change_set.changes if change.logical_id in failures), None)
        self._touch(log, change_set.changes, verb, failures if culprit else {})
        if culprit:
            rolled = "ROLLBACK" if verb == "CREATE" else f"{verb}_ROLLBACK"
            log.stack(f"{rolled}_IN_PROGRESS", f"The following resource(s) failed: [{culprit}].")
            status = f"{rolled}_COMPLETE"
        else:
            self._become(held, submission, change_set.changes)
            status = f"{verb}_COMPLETE"
        log.stack(status)
        held.state = replace(held.state, status=status)
        return iter(log.events)

    def discard(self, change_set: ChangeSet) -> None:
        """See ``Cloud.discard``."""
        self._waiting.pop(change_set.id, None)
        if self.status(change_set.stack, change_set.region) == "REVIEW_IN_PROGRESS":
            del self._stacks[change_set.stack, change_set.region]

    def resume(self, stack: StackState, skip: Sequence[str]) -> Iterator[Event]:
        """See ``stacks.deploy.resume.RollbackCloud``; what ``fail`` names fails again, unless it is skipped."""
        held = self._existing(stack.name, stack.region)
        if held.state.status != "UPDATE_ROLLBACK_FAILED":
            raise DeployError(stack.name, f"the stack is in status {held.state.status}", "Deploy it")
        log = Log(held.state, self._next_id)
        log.stack("UPDATE_ROLLBACK_IN_PROGRESS")
        failed = [
            item for item in self.resources(stack.name, stack.region) if item.status and item.logical_id not in skip
        ]
        for resource in failed:
            change = ChangedResource(action="change", logical_id=resource.logical_id, type=resource.type)
            log.resource(change, "UPDATE_FAILED", resource.reason)
        status = "UPDATE_ROLLBACK_FAILED" if failed else "UPDATE_ROLLBACK_COMPLETE"
        log.stack(status)
        held.state = replace(held.state, status=status)
        return iter(log.events)

    def delete(self, stack: StackState) -> Iterator[Event]:
        """See ``Cloud.delete``."""
        held = self._existing(stack.name, stack.region)
        if held.state.protected:
            raise DeployError(stack.name, "the stack has termination protection", "Switch it off")
        log = Log(held.state, self._next_id)
        log.stack("DELETE_IN_PROGRESS")
        kept = [item for item in self.resources(stack.name, stack.region) if self._is_kept(held, item.logical_id)]
        failed = self._remove_resources(log, held)
        status = "DELETE_FAILED" if failed else "DELETE_COMPLETE"
        log.stack(status, f"The following resource(s) failed to delete: [{', '.join(failed)}]." if failed else "")
        if failed:
            held.state = replace(held.state, status=status)
        else:
            del self._stacks[stack.name, stack.region]
            self._leave(stack.name, stack.region, kept)
        return iter(log.events)

    def protect(self, stack: StackState, *, on: bool) -> None:
        """See ``Cloud.protect``."""
        self._change(stack.name, stack.region, protected=on)

    def stack_policy(self, stack: StackState) -> str | None:
        """See ``Cloud.stack_policy``."""
        return self._existing(stack.name, stack.region).policy

    def set_stack_policy(self, stack: StackState, policy: str) -> None:
        """See ``Cloud.set_stack_policy``."""
        self._existing(stack.name, stack.region).policy = policy

    def leftovers(self, name: str, region: str) -> tuple[StackResource, ...]:
        """See ``stacks.deploy.stored_data.DataCloud``."""
        held = {resource for place in self._stacks for resource in self.resources(*place)}
        return tuple(resource for resource in dict.fromkeys(self._left[name, region]) if resource not in held)

    def drift(self, stack: StackState) -> tuple[Drifted, ...]:
        """See ``Cloud.drift``."""
        resources = self.resources(stack.name, stack.region)
        places = {resource: (stack.name, stack.region, resource.logical_id) for resource in resources}
        outside = {resource: self._outside[place] for resource, place in places.items() if place in self._outside}
        messages = (
            drifted(resource, self.properties(*places[resource]), difference)
            for resource, difference in outside.items()
        )
        drifts = tuple(drift for drift in messages if drift)
        self._change(stack.name, stack.region, drift="DRIFTED" if drifts else "IN_SYNC")
        return drifts

    def invalidate(self, distribution: str, paths: Sequence[str]) -> None:
        """See ``Cloud.invalidate``."""
        self.invalidations.append((distribution, tuple(paths)))

    def log_events(self, group: str, region: str, since: int) -> tuple[LogEvent, ...] | None:  # noqa: ARG002 - one here
        """See ``Cloud.log_events``; a group is the same in every region."""
        events = self.logs.get(group)
        late = (event for event in events or () if event.time >= since)
        return None if events is None else tuple(sorted(late, key=lambda event: event.time))

    def log_group(self, function: str, region: str) -> str:
        """See ``Cloud.log_group``."""
        for name, place in self._stacks:
            for resource in self.resources(name, place) if place == region else ():
                if resource.physical_id == function:
                    logging = self.properties(name, place, resource.logical_id).get("LoggingConfig", {})
                    return str(logging.get("LogGroup") or f"/aws/lambda/{function}")
        raise DeployError(f"function {function}", f"is not in {region}", "Deploy the stack that makes it")

    def table_at_work(self, table: str, region: str) -> Iterator[str]:  # noqa: ARG002 - never at work here
        """See ``Cloud.table_at_work``; indexes and replicas exist at once."""
        return iter(())

    # How it works inside.

    def _existing(self, name: str, region: str) -> HeldStack:
        if (name, region) not in self._stacks:
            raise DeployError(name, f"there is no such stack in {region}", "Deploy it first")
        return self._stacks[name, region]

    def _taken_back(self, submission: Submission, change: ChangedResource) -> ChangedResource:
        """A resource that a stack of this name left behind is imported, not made."""
        held = {resource.logical_id for resource in self._left[submission.name, submission.region]}
        imports = submission.creates or submission.adopts
        return replace(change, action="import") if imports and change.logical_id in held else change

    def _reverted(self, submission: Submission, touched: set[str]) -> Iterator[ChangedResource]:
        """What a drift-aware change set changes besides what the template changes."""
        state = self.stack(submission.name, submission.region)
        for drift in self.drift(state) if submission.reverts and state else ():
            if drift.logical_id not in touched and drift.logical_id in submission.template["Resources"]:
                yield ChangedResource(action="change", logical_id=drift.logical_id, type=drift.type)

    def _change(self, name: str, region: str, **values: Any) -> None:
        held = self._existing(name, region)
        held.state = replace(held.state, **values)

    def _next_id(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{kind}/{self._counts[kind]}"

    def _reviewed(self, submission: Submission) -> StackState:
        name, region = submission.name, submission.region
        identity = f"arn:aws:cloudformation:{region}:{self._account}:{self._next_id(f'stack/{name}')}"
        return StackState(id=identity, name=name, region=region, status="REVIEW_IN_PROGRESS")

    def _touch(self, log: Log, changes: Sequence[ChangedResource], verb: _Verb, failures: Mapping[str, str]) -> None:
        """Log each change; those at fault fail first, the others are cancelled."""
        for change in changes:
            log.resource(change, f"{verb}_IN_PROGRESS")
        cancelled = f"Resource {'creation' if verb == 'CREATE' else 'update'} cancelled"
        for change in sorted(changes, key=lambda entry: entry.logical_id not in failures):
            status = "FAILED" if failures else "COMPLETE"
            reason = failures.get(change.logical_id, cancelled) if failures else ""
            log.resource(change, f"{verb}_{status}", reason)

    def _become(self, held: HeldStack, submission: Submission, changes: Sequence[ChangedResource]) -> None:
        """Take the new template over; only resources that changed read their references anew."""
        template = deepcopy(submission.template)
        scope = ExecutionScope(self, submission, template)
        bodies = template.get("Resources", {})
        for change in changes:
            if change.action != "import":  # what is imported stays as it is
                self._outside.pop((submission.name, submission.region, change.logical_id), None)
            if change.action == "remove":
                self._drop(submission.name, held, change.logical_id)
            else:
                resolved = scope.value(bodies[change.logical_id].get("Properties", {}))
                held.properties[change.logical_id] = resolved
                if known_type(change.type).emptied:
                    self.buckets.setdefault(physical_id(submission.name, change.logical_id, resolved), {})
                if change.type == "AWS::Logs::LogGroup":
                    self.logs.setdefault(resolved.get("LogGroupName", change.logical_id), [])
        held.template = template
        values = {name: str(scope.value(body["Value"])) for name, body in template.get("Outputs", {}).items()}
        parameters, resolved = all_parameters(submission), fetched(self, submission)
        held.state = replace(held.state, outputs=values, parameters=parameters, resolved=resolved)

    def _drop(self, stack: str, held: HeldStack, logical_id: str) -> None:
        properties = held.properties.pop(logical_id)
        if not self._is_kept(held, logical_id):
            self.buckets.pop(physical_id(stack, logical_id, properties), None)
            self.logs.pop(properties.get("LogGroupName", logical_id), None)

    def _is_kept(self, held: HeldStack, logical_id: str) -> bool:
        return held.template["Resources"][logical_id].get("DeletionPolicy") in RETAINED

    def _remove_resources(self, log: Log, held: HeldStack) -> list[str]:
        """Delete what may go; return the logical ids that refused."""
        failed = []
        for resource in self.resources(held.state.name, held.state.region):
            change = ChangedResource(action="remove", logical_id=resource.logical_id, type=resource.type)
            if self._is_kept(held, resource.logical_id):
                log.resource(change, "DELETE_SKIPPED")
            elif (refusal := self._failures.get(resource.logical_id)) or self.buckets.get(resource.physical_id):
                failed.append(resource.logical_id)
                log.resource(change, "DELETE_FAILED", refusal or "The bucket you tried to delete is not empty")
            else:
                self._drop(held.state.name, held, resource.logical_id)
                del held.template["Resources"][resource.logical_id]
                log.resource(change, "DELETE_COMPLETE")
        return failed
