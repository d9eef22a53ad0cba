"""A backend template of any size → the API's template and ``backend-1`` … ``backend-n`` with the functions.

A stack holds 500 resources, about 80 functions with a route each. ``backend.stacks: n`` spreads the functions over n
stacks by a hash of their names, so adding or removing one never moves another. The number is said, not computed,
because a change of it moves functions, and a function that has a name cannot be in two stacks at once: CloudFormation
would refuse to create it in the new one while the old one has it.

What a function needs for itself (role, policy, log group, permission, event sources) goes with it. What is shared
stays; the functions' stacks read it by outputs, which a 200-output limit leaves plenty of room for. The API calls
functions by ARNs made of their names, so it needs no outputs of theirs.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from stacks.intrinsics import references
from stacks.intrinsics.references import Reference, substitute
from stacks.kinds import KINDS
from stacks.template.references import names_in, read_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, KeysView, Mapping

    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict, JsonObject


_FUNCTION = "AWS::Lambda::Function"
_SHARED = (
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::Lambda::LayerVersion",
    "AWS::S3::",
    *(name for kind in KINDS for name in kind.shared),
)


def split(template: JsonDict, stack_name: str, count: int) -> dict[int, JsonDict]:
    """The templates by number: 0 with what is shared, 1 to ``count`` with the functions, where they have any.

    ``stack_name`` is the name of the shared stack in CloudFormation, for references to what stays there.
    """
    if count == 1:
        return {0: template}
    names = {name: read_by(body).keys() for name, body in template["Resources"].items()}
    owner = dict(_owners(template["Resources"], names))
    shards: dict[int, JsonDict] = defaultdict(dict)
    for name, body in template["Resources"].items():
        if name in owner:
            shards[_shard(owner[name], count)][name] = body
    kept = {name: body for name, body in template["Resources"].items() if name not in owner}
    arns = {name: _arn(template["Resources"][name]) for name in set(owner.values())}
    message = dict(_telling(template.get("Outputs", {}), owner, count))
    outputs = {name: body for name, body in template.get("Outputs", {}).items() if name not in message}
    core = {**template, "Resources": _with_arns(kept, arns), "Outputs": outputs}
    result = {}
    for index in sorted(shards):
        used = {item for name in shards[index] for item in names[name]}
        resources = {
            name: body if names[name].isdisjoint(kept) else _reading(body, core, stack_name)
            for name, body in shards[index].items()
        }
        result[index + 1] = _part(template, resources, used)
    for name, index in message.items():
        result[index + 1].setdefault("Outputs", {})[name] = template["Outputs"][name]
    return {0: _with_parameters(core, template, names_in(core).local), **result}


def reading_parts(template: JsonDict, stack_name: str, moved: Mapping[str, str]) -> JsonDict:
    """A template in which reads of outputs that went with a function to another stack (output → its name) lead there.

    Users name the stack before it was split: ``!GetAtt backend.Resize``.
    """

    def in_its_part(reference: Reference | GetStackOutput) -> Any:
        if isinstance(reference, Reference) or reference.stack != stack_name or reference.output not in moved:
            return None
        return {"Fn::GetStackOutput": {"StackName": moved[reference.output], "OutputName": reference.output}}

    parts: JsonDict = substitute(template, in_its_part)
    return parts


def _telling(outputs: JsonObject, owner: Mapping[str, str], count: int) -> Iterator[tuple[str, int]]:
    """Each output about what belongs to a function, with the index of that function's stack."""
    for name, body in outputs.items():
        owners = {owner[item] for item in references.names(body) if item in owner}
        if owners:
            yield name, _shard(owners.pop(), count)


def _owners(resources: JsonObject, names: Mapping[str, KeysView[str]]) -> Iterator[tuple[str, str]]:
    """Each resource that belongs to one function alone, with that function; ``names`` are what each refers to."""
    reads = {name: names[name] & resources.keys() for name in resources}
    users: dict[str, set[str]] = defaultdict(set)
    functions = [name for name, body in resources.items() if body["Type"] == _FUNCTION]
    movable = {name for name, body in resources.items() if not body["Type"].startswith(_SHARED)}
    movable |= _dead_letters(functions) & resources.keys()
    for function in functions:
        for name in _closure(function, reads, movable, resources):
            users[name].add(function)
    owned = {name: next(iter(some)) for name, some in users.items() if len(some) == 1}
    left = movable - users.keys()
    while left:
        # What reads things of one function alone: its permissions, event sources, alarms, the policy of its queue, the
        # policy of its schedules, and then the role that has this policy.
        result = {name: {owned[read] for read in reads[name] if read in owned} for name in left}
        more = {name: owners.pop() for name, owners in result.items() if len(owners) == 1}
        if not more:
            break
        owned |= more
        left -= more.keys()
    yield from owned.items()


def _dead_letters(functions: Iterable[str]) -> set[str]:
    """The queues that hold what a function failed to handle, and their policies: unlike others they are its own."""
    titles = [f"{function.removesuffix('Function')}DeadLetters" for function in functions]
    return {*titles, *(f"{title}Policy" for title in titles)}


def _closure(start: str, reads: JsonObject, movable: set[str], resources: JsonObject) -> set[str]:
    """What a function reads, and what that reads, short of other functions and of what is shared."""
    results, open_ = {start}, [start]
    while open_:
        for name in reads[open_.pop()]:
            if name not in results and name in movable and resources[name]["Type"] != _FUNCTION:
                results.add(name)
                open_.append(name)
    return results


def _shard(function: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(function.encode()).digest()[:8]) % count


def _arn(function: JsonObject) -> str:
    name = function["Properties"]["FunctionName"]
    return f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name}"


def _with_arns(node: object, arns: Mapping[str, str]) -> Any:
    """The API's resources with each function's ARN written out."""

    def arn(reference: Reference | GetStackOutput) -> Any:
        if not isinstance(reference, Reference) or reference.attribute != "Arn" or reference.name not in arns:
            return None
        return {"Fn::Sub": arns[reference.name]}

    return substitute(node, arn)


def _part(template: JsonDict, resources: JsonDict, names: Collection[str]) -> JsonDict:
    """A stack of functions, with the parameters among the ``names`` that its resources refer to."""
    rest = {key: value for key, value in template.items() if key not in {"Outputs", "Resources"}}
    used = names_in(rest).local.keys() | names
    return _with_parameters({**rest, "Resources": resources}, template, used)


def _reading(node: object, core: JsonDict, stack_name: str) -> Any:
    """A resource of a part with outputs of ``core`` in place of what stays there."""

    def output(reference: Reference | GetStackOutput) -> Any:
        if isinstance(reference, Reference) and reference.name in core["Resources"]:
            return _read(f"{reference.name}{reference.attribute.replace('.', '')}", reference.value, core, stack_name)
        return None

    return substitute(node, output)


def _read(output: str, value: JsonObject, core: JsonDict, stack_name: str) -> JsonDict:
    """A reference to what stays in the core, which exports it by an output (an existing one, if possible)."""
    known = next((name for name, body in core["Outputs"].items() if body["Value"] == value), None)
    if known is None:
        core["Outputs"][output] = {"Description": "For the stacks of functions", "Value": dict(value)}
    return {"Fn::GetStackOutput": {"StackName": stack_name, "OutputName": known or output}}


def _with_parameters(part: JsonDict, template: JsonDict, names: Collection[str]) -> JsonDict:
    """The part with those parameters of the whole template that are among the names."""
    used = {name: body for name, body in template.get("Parameters", {}).items() if name in names}
    rest = {key: value for key, value in part.items() if key != "Parameters"}
    return {**rest, "Parameters": used} if used else rest
