"""Hooks of a stage → applied to a generated template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, StacksError, UsageError, nearest
from stacks.extension.modules import blamed, function_of, returned_template
from stacks.limits import RESOURCES
from stacks.stages.stacks import GENERATED, stack_at
from stacks.template.references import names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from troposphere import Template

    from stacks.app import App, Stage
    from stacks.json_types import JsonDict

    Extend = Callable[[Template, App, Stage], None]
    """A function that changes a generated template in place."""


_LIST = "Write a list of functions of (template, app, stage)"


def with_extensions(app: App, extend: Mapping[str, Sequence[Extend]]) -> App:
    """The application with functions (by stack) after the hooks that each stage names itself.

    Raises:
        UsageError: for a stack that no stage can have, and for what is no list of functions.
    """
    known = sorted({stack for stage in app.stages.values() for stack in (*GENERATED, *stage.stacks)})
    if not isinstance(extend, Mapping):
        raise UsageError("extend", f"{extend!r} is not a mapping", "Write {'backend': [add]}")
    for stack, functions in extend.items():
        if stack not in known:
            raise UsageError(f"extend[{stack!r}]", "is not a stack", nearest(str(stack), known))
        if not isinstance(functions, list | tuple) or not all(map(callable, functions)):
            raise UsageError(f"extend[{stack!r}]", f"{functions!r} is not a list of functions", _LIST)
    return replace(app, stages={name: _with(stage, extend) for name, stage in app.stages.items()})


def _with(stage: Stage, extend: Mapping[str, Sequence[Extend]]) -> Stage:
    own = {stack: (*stage.extend.get(stack, ()), *functions) for stack, functions in extend.items()}
    return replace(stage, extend={**stage.extend, **own})


def apply_hooks(template: Template, stack: str, app: App, stage: Stage) -> JsonDict:
    """Call every hook of a stack with its template, in their order; the changed template as plain data.

    Raises:
        StacksError: a hook does not exist, raises, returns something, leaves a resource that troposphere refuses,
            removes an output, or a resource that others refer to, or adds more than a template may hold; with the file
            of the hook, and its line where there is one.
    """
    where = f"extend.{stack}"
    file = "build.py"
    before, removed = set(template.resources), dict[str, str]()
    outputs_before = set(template.outputs)
    for hook in stage.extend.get(stack, ()):
        file, function = _resolved(hook, app.root, where)
        with blamed(app.root, file, where):
            returned = function(template, app, stage)
            resources, outputs = set(template.resources), set(template.outputs)
        if returned is not None:
            what = f"{file}:{getattr(function, '__name__', 'hook')} returned {type(returned).__name__}"
            raise StacksError(where, what, "Change the template in place and return nothing")
        removed |= dict.fromkeys(before - resources - removed.keys(), file)
        _refuse_removed_outputs(outputs_before - outputs, file, where)
        _refuse_excess(len(resources), RESOURCES * stack_at(stack, stage).parts, file, where)
    with blamed(app.root, file, where):
        data = template.to_dict()
    data = returned_template(data, f"{where}: {file}")
    if removed:
        _refuse_needed(removed, names_in(data).local, where)
    return data


def _refuse_removed_outputs(missing: set[str], file: str, where: str) -> None:
    if missing:
        what = f"{file} removes the output{'s' if len(missing) > 1 else ''} {', '.join(sorted(missing))}"
        raise StacksError(where, what, "Keep what other stacks and commands read")


def _refuse_excess(count: int, most: int, file: str, where: str) -> None:
    if count > most:
        fix = "Add fewer, or put some into a stack of your own, under 'stacks'"
        raise StacksError(where, f"{file} leaves {count:,} resources, and AWS allows {most:,}", fix)


def _refuse_needed(removed: Mapping[str, str], users: Mapping[str, Sequence[str]], where: str) -> None:
    """Raise ``StacksError`` for resources that hooks removed (by id: the file of the hook) and others refer to."""
    problems = [
        Problem(
            where=where, what=f"{file} removes {name}, which {users[name][0]} refers to", fix="Keep it, or remove both"
        )
        for name, file in sorted(removed.items())
        if name in users
    ]
    if problems:
        raise StacksError.of(tuple(problems))


def _resolved(hook: Any, root: str, where: str) -> tuple[str, Callable[..., Any]]:
    if callable(hook):
        code = getattr(hook, "__code__", None)
        return (code.co_filename if code else "build.py"), hook
    file, _, name = hook.partition(":")
    return file, function_of(root, file, name, where)
