"""An AWS account in memory, for tests of what deploys: ``MemoryCloud`` fits ``stacks.deploy.cloud.Cloud``.

It keeps CloudFormation's rules as far as a deployer can tell them apart: change sets from differences of
template and parameters, references resolved when a stack is executed (and only then), statuses and
events in CloudFormation's order, rollbacks, retained resources, buckets that are not empty. Physical ids
and attributes are invented, the same ones every time. Nothing is validated: cfn-lint does that. ::

    cloud = MemoryCloud()
    cloud.fail("Table", "Resource limit exceeded")
    with pytest.raises(DeployError, match="limit exceeded"):
        deploy(make_plan(rendered), cloud, watch)
    assert cloud.status("notes-dev-data", "eu-west-1") == "ROLLBACK_COMPLETE"
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from stacks.deploy.cloud import Change, ChangeSet, Event, Headers, NoChanges, Resource, StackState, Stored, Version
from stacks.deploy.drift import Difference, Drifted
from stacks.deploy.imitation import (
    RETAINED,
    Log,
    Scope,
    all_parameters,
    as_text,
    changes,
    check_parameters,
    physical_id,
)
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stacks.deploy.cloud import LogEvent, Submission

_Verb = Literal["CREATE", "UPDATE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object of a bucket, with what it is served with."""

    body: bytes
    headers: Headers


@dataclass(slots=True, kw_only=True)
class _Stack:
    """A stack: its last good template, and the resources that stand with their resolved properties."""

    state: StackState
    template: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)


class MemoryCloud:
    """An account that starts empty; tests may look at and fill ``buckets``, ``invalidations`` and ``logs``."""

    def __init__(self, account: str = "111111111111") -> None:
        self.buckets: dict[str, dict[str, StoredObject]] = {}
        self.invalidations: list[tuple[str, tuple[str, ...]]] = []
        self.logs: dict[str, list[LogEvent]] = {}
        self._account = account
        self._history: defaultdict[str, list[tuple[str, StoredObject]]] = defaultdict(list)
        self._stacks: dict[tuple[str, str], _Stack] = {}
        self._waiting: dict[str, Submission] = {}
        self._failures: dict[str, str] = {}
        self._outside: dict[tuple[str, str, str], dict[str, Any] | None] = {}
        self._counts: defaultdict[str, int] = defaultdict(int)

    # What tests say to it.

    def fail(self, logical_id: str, reason: str) -> None:
        """Let every creation, update and deletion of this resource fail from now on."""
        self._failures[logical_id] = reason

    def mend(self, logical_id: str) -> None:
        """Let the resource succeed again."""
        del self._failures[logical_id]

    def protect(self, name: str, region: str) -> None:
        """Switch a stack's termination protection on."""
        self._change(name, region, protected=True)

    def change_outside(self, name: str, region: str, logical_id: str, properties: dict[str, Any] | None) -> None:
        """Set properties of a resource without CloudFormation, as in the console; ``None`` deletes it."""
        self._outside[name, region, logical_id] = properties

    def set_status(self, name: str, region: str, status: str) -> None:
        """Put a stack into a status, as if something else were at work on it."""
        self._change(name, region, status=status)

    def status(self, name: str, region: str) -> str | None:
        """Return a stack's status, ``None`` when there is no such stack."""
        state = self.stack(name, region)
        return state.status if state else None

    def properties(self, name: str, region: str, logical_id: str) -> dict[str, Any]:
        """Return a resource's properties as they were resolved when it was last touched."""
        return self._stacks[name, region].properties[logical_id]

    # What the deployer says to it: see ``stacks.deploy.cloud.Cloud``.

    def account(self) -> str:
        """See ``Cloud.account``."""
        return self._account

    def stack(self, name: str, region: str) -> StackState | None:
        """See ``Cloud.stack``."""
        found = self._stacks.get((name, region))
        return found.state if found else None

    def template(self, name: str, region: str) -> dict[str, Any]:
        """See ``Cloud.template``."""
        return deepcopy(self._there(name, region).template)

    def resources(self, name: str, region: str) -> tuple[Resource, ...]:
        """See ``Cloud.resources``."""
        found = self._there(name, region)
        bodies = found.template.get("Resources", {})
        return tuple(
            Resource(
                logical_id=one,
                physical_id=physical_id(name, one, found.properties[one]),
                type=body["Type"],
                status="UPDATE_FAILED" if one in self._failures else "",
                reason=self._failures.get(one, ""),
            )
            for one, body in sorted(bodies.items())
        )

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        """See ``Cloud.prepare``."""
        check_parameters(submission)
        place = (submission.name, submission.region)
        held = self._stacks.get(place)
        old, parameters = (held.template, held.state.parameters) if held else ({}, {})
        found = tuple(changes(old, parameters, submission.template, submission.parameters))
        if not found and old.get("Outputs", {}) == submission.template.get("Outputs", {}):
            return NoChanges(stack=submission.name)
        identity = self._next_id(f"changeset/{submission.name}")
        self._waiting[identity] = submission
        self._stacks.setdefault(place, _Stack(state=self._reviewed(submission)))
        return ChangeSet(
            id=identity,
            stack=submission.name,
            region=submission.region,
            creates=submission.creates,
            changes=found,
        )

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        """See ``Cloud.execute``."""
        submission = self._waiting.pop(change_set.id)
        held = self._there(submission.name, submission.region)
        log = Log(held.state, self._next_id)
        verb: _Verb = "CREATE" if submission.creates else "UPDATE"
        log.stack(f"{verb}_IN_PROGRESS")
        culprit = next((one.logical_id for one in change_set.changes if one.logical_id in self._failures), None)
        self._touch(log, change_set.changes, verb, culprit)
        if culprit:
            rolled = "ROLLBACK" if submission.creates else "UPDATE_ROLLBACK"
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
        held = self._there(stack.name, stack.region)
        if held.state.status != "UPDATE_ROLLBACK_FAILED":
            raise DeployError(stack.name, f"the stack is in status {held.state.status}", "Deploy it")
        log = Log(held.state, self._next_id)
        log.stack("UPDATE_ROLLBACK_IN_PROGRESS")
        failed = [one for one in self.resources(stack.name, stack.region) if one.status and one.logical_id not in skip]
        for one in failed:
            change = Change(action="Modify", logical_id=one.logical_id, type=one.type)
            log.resource(change, "UPDATE_FAILED", one.reason)
        status = "UPDATE_ROLLBACK_FAILED" if failed else "UPDATE_ROLLBACK_COMPLETE"
        log.stack(status)
        held.state = replace(held.state, status=status)
        return iter(log.events)

    def delete(self, stack: StackState) -> Iterator[Event]:
        """See ``Cloud.delete``."""
        held = self._there(stack.name, stack.region)
        if held.state.protected:
            raise DeployError(stack.name, "the stack has termination protection", "Switch it off")
        log = Log(held.state, self._next_id)
        log.stack("DELETE_IN_PROGRESS")
        failed = self._remove_resources(log, held)
        status = "DELETE_FAILED" if failed else "DELETE_COMPLETE"
        log.stack(status, f"The following resource(s) failed to delete: [{', '.join(failed)}]." if failed else "")
        if failed:
            held.state = replace(held.state, status=status)
        else:
            del self._stacks[stack.name, stack.region]
        return iter(log.events)

    def drift(self, stack: StackState) -> tuple[Drifted, ...]:
        """See ``stacks.deploy.drift.DriftCloud``."""
        resources = self.resources(stack.name, stack.region)
        found = tuple(one for resource in resources if (one := self._drifted(stack, resource)))
        self._change(stack.name, stack.region, drift="DRIFTED" if found else "IN_SYNC")
        return found

    def has(self, bucket: str, key: str) -> bool:
        """See ``Cloud.has``."""
        return key in self._bucket(bucket)

    def get(self, bucket: str, key: str) -> bytes | None:
        """See ``Cloud.get``."""
        found = self._bucket(bucket).get(key)
        return found.body if found else None

    def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
        """See ``Cloud.put``."""
        stored = StoredObject(body=body if isinstance(body, bytes) else body.read_bytes(), headers=headers)
        self._bucket(bucket)[key] = stored
        self._history[bucket].append((key, stored))
        return _etag(stored)

    def objects(self, bucket: str) -> tuple[Stored, ...]:
        """See ``Cloud.objects``."""
        found = sorted(self._bucket(bucket).items())
        return tuple(Stored(key=key, size=len(one.body), etag=_etag(one)) for key, one in found)

    def versions(self, bucket: str) -> tuple[Version, ...]:
        """See ``Cloud.versions``; every bucket keeps versions."""
        self._bucket(bucket)
        found = [Version(key=key, id=str(i), etag=_etag(one)) for i, (key, one) in enumerate(self._history[bucket])]
        return tuple(sorted(found, key=lambda one: one.key))

    def restore(self, bucket: str, key: str, version: str, headers: Headers) -> str:
        """See ``Cloud.restore``."""
        return self.put(bucket, key, self._history[bucket][int(version)][1].body, headers)

    def remove(self, bucket: str, keys: Sequence[str]) -> None:
        """See ``Cloud.remove``."""
        for key in keys:
            self._bucket(bucket).pop(key, None)

    def empty(self, bucket: str) -> int:
        """See ``Cloud.empty``."""
        count = len(self._bucket(bucket))
        self._bucket(bucket).clear()
        self._history[bucket].clear()
        return count

    def invalidate(self, distribution: str, paths: Sequence[str]) -> None:
        """See ``Cloud.invalidate``."""
        self.invalidations.append((distribution, tuple(paths)))

    def log_events(self, group: str, region: str, since: int) -> tuple[LogEvent, ...] | None:  # noqa: ARG002 - one here
        """See ``Cloud.log_events``; a group is the same in every region."""
        found = self.logs.get(group)
        return None if found is None else tuple(sorted((one for one in found if one.time >= since), key=_time))

    # How it works inside.

    def _there(self, name: str, region: str) -> _Stack:
        if (name, region) not in self._stacks:
            raise DeployError(name, f"there is no such stack in {region}", "Deploy it first")
        return self._stacks[name, region]

    def _drifted(self, stack: StackState, resource: Resource) -> Drifted | None:
        place = (stack.name, stack.region, resource.logical_id)
        if place not in self._outside:
            return None
        outside, expected = self._outside[place], self.properties(*place)
        differences = tuple(
            Difference(path=f"/{name}", expected=as_text(expected.get(name)), actual=as_text(value))
            for name, value in sorted((outside or {}).items())
            if value != expected.get(name)
        )
        if outside is not None and not differences:
            return None
        return Drifted(
            logical_id=resource.logical_id,
            physical_id=resource.physical_id,
            type=resource.type,
            deleted=outside is None,
            differences=differences,
        )

    def _bucket(self, name: str) -> dict[str, StoredObject]:
        if name not in self.buckets:
            raise DeployError(f"s3://{name}", "the bucket does not exist", "Deploy the stack that makes it first")
        return self.buckets[name]

    def _change(self, name: str, region: str, **values: Any) -> None:
        held = self._there(name, region)
        held.state = replace(held.state, **values)

    def _next_id(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{kind}/{self._counts[kind]}"

    def _reviewed(self, submission: Submission) -> StackState:
        name, region = submission.name, submission.region
        identity = f"arn:aws:cloudformation:{region}:{self._account}:{self._next_id(f'stack/{name}')}"
        return StackState(id=identity, name=name, region=region, status="REVIEW_IN_PROGRESS")

    def _touch(self, log: Log, changes: Sequence[Change], verb: _Verb, culprit: str | None) -> None:
        """Log each change; the resource at fault fails first, those beside it are cancelled."""
        for change in changes:
            log.resource(change, f"{verb}_IN_PROGRESS")
        for change in sorted(changes, key=lambda one: one.logical_id != culprit):
            if change.logical_id == culprit:
                log.resource(change, f"{verb}_FAILED", self._failures[culprit])
            elif culprit:
                log.resource(
                    change, f"{verb}_FAILED", f"Resource {'creation' if verb == 'CREATE' else 'update'} cancelled"
                )
            else:
                log.resource(change, f"{verb}_COMPLETE")

    def _become(self, held: _Stack, submission: Submission, changes: Sequence[Change]) -> None:
        """Take the new template over; only resources that changed read their references anew."""
        template = deepcopy(submission.template)
        scope = Scope(self, submission, template)
        bodies = template.get("Resources", {})
        for change in changes:
            self._outside.pop((submission.name, submission.region, change.logical_id), None)
            if change.action == "Remove":
                self._drop(submission.name, held, change.logical_id)
            else:
                resolved = scope.value(bodies[change.logical_id].get("Properties", {}))
                held.properties[change.logical_id] = resolved
                if change.type == "AWS::S3::Bucket":
                    self.buckets.setdefault(physical_id(submission.name, change.logical_id, resolved), {})
                if change.type == "AWS::Logs::LogGroup":
                    self.logs.setdefault(resolved.get("LogGroupName", change.logical_id), [])
        held.template = template
        values = {name: str(scope.value(body["Value"])) for name, body in template.get("Outputs", {}).items()}
        held.state = replace(held.state, outputs=values, parameters=all_parameters(submission))

    def _drop(self, stack: str, held: _Stack, logical_id: str) -> None:
        properties = held.properties.pop(logical_id)
        if held.template["Resources"][logical_id].get("DeletionPolicy") not in RETAINED:
            self.buckets.pop(physical_id(stack, logical_id, properties), None)
            self.logs.pop(properties.get("LogGroupName", logical_id), None)

    def _remove_resources(self, log: Log, held: _Stack) -> list[str]:
        """Delete what may go; return the logical ids that refused."""
        failed = []
        bodies = held.template.get("Resources", {})
        for resource in self.resources(held.state.name, held.state.region):
            change = Change(action="Remove", logical_id=resource.logical_id, type=resource.type)
            refusal = self._failures.get(resource.logical_id)
            if bodies[resource.logical_id].get("DeletionPolicy") in RETAINED:
                log.resource(change, "DELETE_SKIPPED")
            elif refusal or self.buckets.get(resource.physical_id):
                failed.append(resource.logical_id)
                log.resource(change, "DELETE_FAILED", refusal or "The bucket you tried to delete is not empty")
            else:
                self._drop(held.state.name, held, resource.logical_id)
                del bodies[resource.logical_id]
                log.resource(change, "DELETE_COMPLETE")
        return failed


def _etag(stored: StoredObject) -> str:
    return f'"{hashlib.md5(stored.body, usedforsecurity=False).hexdigest()}"'


def _time(event: LogEvent) -> int:
    return event.time
