"""Rendered stacks → the bare troposphere and awacs script that makes the same templates, as a person would write it.

It is transcribed from what this library renders for one function, so both sides of the benchmark always make the same
resources. What belongs to the function is in a loop. The script is run as a module of its own, with its bytecode
compiled, and does nothing but build objects, serialise and write.
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import troposphere
from awacs import aws
from troposphere import BaseAWSObject, wafv2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks import Rendered

HEAD = """\
from pathlib import Path

import troposphere
from awacs.aws import AWACS
from troposphere import GetAtt, GetAZs, GetStackOutput, Join, Output, Parameter, Ref, Select, Sub, Tags, Template
from troposphere import SERVICES


def main(functions: int, out: Path, form: str) -> None:
    troposphere.MAX_RESOURCES = 10**6  # one large template where CloudFormation would want several
    out.mkdir(parents=True, exist_ok=True)
    for name, make in STACKS.items():
        template = make(functions)
        (out / f"{name}.{form}").write_text(template.to_json() if form == "json" else template.to_yaml())


"""
FUNCTIONS = {"Ref": "Ref", "Fn::GetAtt": "GetAtt", "Fn::Select": "Select", "Fn::GetAZs": "GetAZs"}


def script(rendered: Sequence[Rendered]) -> str:
    """The source of the script; ``rendered`` is made for one function, named ``f0``, with the route ``GET /f0``."""
    makers = "\n\n".join("\n".join(_maker(stack)) + "\n" for stack in rendered)
    stacks = ", ".join(f"{stack.stack!r}: make_{stack.stack.replace('-', '_')}" for stack in rendered)
    kinds = {body["Type"] for stack in rendered for body in stack.template["Resources"].values()}
    words = set(re.findall(r"\w+", makers)) - {"Policy"}
    names = ", ".join(sorted({"Allow", "Deny", *(words & vars(aws).keys())}))
    services = ", ".join(sorted({_service(_classes()[kind]) for kind in kinds}))
    head = HEAD.replace("AWACS", names).replace("SERVICES", services)
    return f"{head}{makers}\n\nSTACKS = {{{stacks}}}\n"


def _maker(stack: Rendered) -> Iterator[str]:
    template = stack.template
    yield f"def make_{stack.stack.replace('-', '_')}(functions: int) -> Template:"
    yield f"    made = Template(Description={template['Description']!r})"
    yield "    made.set_version('2010-09-09')"
    if "Metadata" in template:
        yield f"    made.set_metadata({template['Metadata']!r})"
    for name, body in template.get("Parameters", {}).items():
        yield f"    made.add_parameter(Parameter({name!r}, {_arguments(body)}))"
    looped = []
    for name, body in template["Resources"].items():
        line = f"made.add_resource({_resource(name, body)})"
        looped += [line] if "F0" in name else []
        yield from [] if "F0" in name else [f"    {line}"]
    if looped:
        yield "    for i in range(functions):"
        yield from (f"        {_numbered(line)}" for line in looped)
    for name, body in template["Outputs"].items():
        yield f"    made.add_output(Output({name!r}, {_arguments(body)}))"
    yield "    return made"


def _numbered(line: str) -> str:
    """The line for function ``i``: texts that name f0 become f-strings."""
    parts = line.split("'")
    for index in range(1, len(parts), 2):
        if "F0" in parts[index] or "f0" in parts[index]:
            text = parts[index].replace("{", "{{").replace("}", "}}").replace("F0", "F{i}").replace("f0", "f{i}")
            parts[index] = f"\0{text}"
    return "'".join(parts).replace("'\0", "f'")


@cache
def _classes() -> dict[str, type]:
    classes: dict[str, type] = {}
    for service in iter_modules(troposphere.__path__):
        if service.ispkg or service.name in {"openstack", "serverless"}:
            continue
        for value in vars(import_module(f"troposphere.{service.name}")).values():
            kind = getattr(value, "resource_type", None)
            if inspect.isclass(value) and kind and value.__module__ == f"troposphere.{service.name}":
                classes[kind] = value
    return classes


def _service(kind: type) -> str:
    return kind.__module__.rpartition(".")[2]


def _resource(name: str, body: Mapping[str, Any]) -> str:
    kind = _classes()[body["Type"]]
    props: dict[str, Any] = vars(kind)["props"]
    properties = {key: value for key, value in body.get("Properties", {}).items() if key != "LoggingConfig"}
    arguments = [f"{key}={_value(value, props.get(key, (None,))[0])}" for key, value in properties.items()]
    arguments += [
        f"{key}={body[key]!r}"
        for key in ("DependsOn", "DeletionPolicy", "Metadata", "UpdateReplacePolicy")
        if key in body
    ]
    return f"{_service(kind)}.{kind.__name__}({name!r}, {', '.join(arguments)})"


def _arguments(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={_value(value)}" for key, value in values.items())


def _value(value: Any, hint: Any = None) -> str:
    if isinstance(value, list):
        return _list(value, hint)
    if not isinstance(value, dict):
        return repr(value)
    if "Statement" in value and "Version" in value:
        return f"PolicyDocument(Version='2012-10-17', Statement=[{', '.join(map(_statement, value['Statement']))}])"
    call = _function(value)
    if call:
        return call
    hint = wafv2.Statement if getattr(hint, "__name__", "") == "validate_statement" else hint
    if inspect.isclass(hint) and issubclass(hint, BaseAWSObject):
        props = vars(hint)["props"]
        if "None" in value:  # a keyword of Python
            return f"{_service(hint)}.{hint.__name__}(**{value!r})"
        inner = ", ".join(f"{key}={_value(item, props[key][0])}" for key, item in value.items())
        return f"{_service(hint)}.{hint.__name__}({inner})"
    return "{" + ", ".join(f"{key!r}: {_value(item)}" for key, item in value.items()) + "}"


def _list(value: list[Any], hint: Any) -> str:
    if value and isinstance(value[0], dict) and set(value[0]) == {"Key", "Value"}:
        return "Tags(" + ", ".join(f"{tag['Key']}={_value(tag['Value'])}" for tag in value) + ")"
    inner = next((entry for entry in hint if inspect.isclass(entry)), None) if isinstance(hint, list | tuple) else None
    return "[" + ", ".join(_value(item, inner) for item in value) + "]"


def _function(value: Mapping[str, Any]) -> str | None:
    if len(value) != 1:
        return None
    ((name, argument),) = value.items()
    match name, argument:
        case "Fn::Sub", [text, variables]:
            return f"Sub({text!r}, {_arguments(variables)})"
        case "Fn::Sub", text:
            return f"Sub({text!r})"
        case "Fn::Join", [between, parts]:
            return f"Join({between!r}, {_value(parts)})"
        case "Fn::GetStackOutput", where:
            return f"GetStackOutput({_arguments(where)})"
        case _ if name in FUNCTIONS:
            items = argument if isinstance(argument, list) else [argument]
            return f"{FUNCTIONS[name]}({', '.join(map(_value, items))})"
        case _:
            return None


def _statement(body: Mapping[str, Any]) -> str:
    arguments = [f"Effect={body['Effect']}", f"Action=[{', '.join(_action(name) for name in body['Action'])}]"]
    arguments += [f"{key}={_value(body[key])}" for key in ("Resource", "Sid") if key in body]
    principal = body.get("Principal")
    if principal:
        kind, identifier = next(iter(principal.items())) if isinstance(principal, dict) else ("*", None)
        arguments.append(f"Principal=Principal({kind!r}{f', {_value(identifier)}' if identifier else ''})")
    if "Condition" in body:
        inner = ", ".join(f"{operator}({_value(values)})" for operator, values in body["Condition"].items())
        arguments.append(f"Condition=Condition([{inner}])")
    return f"Statement({', '.join(arguments)})"


def _action(name: str) -> str:
    service, _, action = name.partition(":")
    return f"Action({service!r}, {action!r})"
