"""An App built in Python is held to what a description may say, and renders as the description does."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awacs.aws import Allow, Statement
from awacs.sns import Publish
from troposphere import Ref, Template, sns

from stacks import App, Backend, Data, DescriptionError, Stage, render
from stacks.app import BasicAuth, Frontend, Function, GivenTemplate, OwnStack, Scale, Site, Table
from stacks.errors import StacksError, UsageError
from stacks.loading import validated
from stacks.model.texts import Mistake
from tests.forecast.everything import everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import TemplateData

_TOPIC = {"Type": "AWS::SNS::Topic"}
_INCOMPLETE = sns.SubscriptionResource("S", Protocol="sms")


class Other(str):
    """A text that prints as another one."""

    __slots__ = ()

    def __str__(self) -> str:
        return "other"

    def __format__(self, spec: str) -> str:
        return "other"


def app(**sections: Any) -> App:
    return App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1", **sections)})


def templates(app: App) -> dict[str, TemplateData]:
    return {stack.stack: stack.template for stack in render(app, app.stages["dev"])}


def refusal(app: App) -> str:
    with pytest.raises(DescriptionError) as error:
        render(app, app.stages["dev"])
    return str(error.value)


def output(value: object) -> App:
    return app(data=Data(resources={"T": _TOPIC}, outputs={"Out": value}))


def itself() -> list[Any]:
    result: list[Any] = []
    result.append(result)
    return result


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Path("a"), "PosixPath('a') is not plain data. Write it as text, with str()"),
        ({"a"}, "{'a'} is not plain data. Write it as a list"),
        (b"a", "b'a' is not plain data. Write plain values"),
        (Table, f"{Table!r} is not plain data. Write plain values"),
        (len, f"{len!r} is not plain data. Write plain values"),
        (float("nan"), "nan is not a number that templates have. Write a finite one"),
        (10**31, "is larger than any number that AWS takes. Write it as text"),
        ("\ud800", "'\\ud800' has half a character, which no file holds. Write whole characters"),
        ({None: "a"}, "has the key None, which is not text. Write keys as text"),
        (_INCOMPLETE, "Resource TopicArn required in type AWS::SNS::Subscription (title: S). Correct it"),
    ],
)  # fmt: skip
def test_a_value_of_pythons_own_reaches_no_template(value: object, message: str) -> None:
    assert refusal(output(value)) == f"data.outputs.Out: {message}."


def test_what_contains_itself_is_refused() -> None:
    assert refusal(output(itself())) == "data: is nested too deeply, or contains itself. Use fewer levels."


def test_objects_of_troposphere_and_awacs_are_what_they_stand_for() -> None:
    topic = sns.Topic("T", DisplayName="of orders")
    statement = Statement(Effect=Allow, Action=[Publish], Resource=["arn:aws:sns:eu-west-1:123456789012:orders"])
    statement_data = {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": statement.Resource}
    built, plain = (
        app(
            data=Data(resources={"T": body}, outputs={"Out": value}),
            backend=Backend(functions={"web": Function(handler="src/web.py:main", statements=(granted,))}),
        )
        for body, value, granted in ((topic, Ref("T"), statement), (topic.to_dict(), {"Ref": "T"}, statement_data))
    )
    assert templates(built) == templates(plain)


def test_what_is_rendered_is_what_was_judged() -> None:
    """Not the values that Python gave: a text that prints as another one, a list, a shorter way of writing."""
    table = Table(partition_key=Other("id"), replicas=["eu-west-3"])  # type: ignore[arg-type]
    built = app(data=Data(tables={Other("notes"): table}))
    data = {"tables": {"notes": {"partition_key": "id", "replicas": ["eu-west-3"]}}}
    described = validated({"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, "data": data})
    assert templates(built) == templates(described)


def test_what_changes_in_place_is_judged_again() -> None:
    resources: dict[str, Any] = {"T": _TOPIC}
    built = app(data=Data(resources=resources))
    assert "Properties" not in templates(built)["data"]["Resources"]["T"]
    resources["T"] = {**_TOPIC, "Properties": {"DisplayName": "orders"}}
    assert templates(built)["data"]["Resources"]["T"]["Properties"] == {"DisplayName": "orders"}
    resources["T"] = {**_TOPIC, "Properties": {"Name": "orders"}}
    assert "data.resources.T.Properties.Name: is not a property of AWS::SNS::Topic" in refusal(built)


def test_a_password_that_changes_in_place_is_judged_again() -> None:
    def stage(password: str) -> Stage:
        auth = BasicAuth(user="ann", password=password)
        return Stage(name="dev", region="eu-west-1", frontend=Frontend(site=(Site(folder="site"),), basic_auth=auth))

    stages = {"dev": stage("a-password-of-24-letters")}
    built = App(name="shop", stages=stages)
    templates(built)
    built.stages["dev"] = replace(stage("short"), app_name="shop")  # type: ignore[index]
    assert "frontend.basic_auth.password" in refusal(built)


def test_a_stage_under_another_key_than_its_name_is_refused() -> None:
    built = App(name="shop", stages={"dev": Stage(name="prod", region="eu-west-1")})
    assert refusal(built) == "stages.dev: 'prod' is not its key in 'stages'. Write 'dev' in both."


def test_what_only_loading_sets_is_judged() -> None:
    stage = Stage(name="dev", region="eu-west-1", bounded_by="prod")
    message = "is not the stage that it is a preview of. Leave it out; loading sets it for previews."
    assert message in refusal(App(name="shop", stages={"dev": stage}))
    body = {"Resources": {"T": {"Type": ["no", "text"]}}}
    own = {"stacks": {"own": OwnStack(template="own.yaml")}, "templates": {"own": GivenTemplate(body=body)}}
    assert refusal(app(**own)) == "stacks.own.template: has resources without a Type: T. Give each its Type."


@pytest.mark.parametrize(("arguments", "message"), [
    (("shop", "dev"), "app: 'shop' is not an application"),
    ((app(), "dev"), "stage: 'dev' is not a stage"),
    ((App(name="shop", stages=["dev"]), Stage(name="dev", region="eu-west-1")), "is not an application"),  # type: ignore[arg-type]
])  # fmt: skip
def test_render_is_called_with_an_application_and_a_stage(arguments: tuple[Any, Any], message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        render(*arguments)


@pytest.mark.parametrize(
    ("left", "message"),
    [
        ({**_TOPIC, "Metadata": {"a": {1}}}, "Resources.T.Metadata.a: {1} is not plain data. Write it as a list"),
        ("text", "has resources without a Type: T. Give each its Type"),
        ({**_TOPIC, "Properties": 5}, "has resources whose Properties are no mapping: T. Write them as 'Name: value'"),
    ],
)  # fmt: skip
def test_what_a_hook_leaves_is_judged(left: Any, message: str) -> None:
    def hook(template: Template, _: App, stage: Stage) -> None:
        assert stage.name == "dev"
        template.resources["T"] = left

    with pytest.raises(StacksError) as error:
        render(app(), app().stages["dev"], extend={"base": [hook]})
    assert str(error.value) == f"extend.base: {__file__}: {message}."


@pytest.mark.parametrize("extend", [["base"], {"base": len}, {"base": None}, {"base": [5]}, {5: [len]}])
def test_extend_is_a_mapping_of_stacks_to_lists_of_functions(extend: Any) -> None:
    with pytest.raises(UsageError, match="is not a"):
        render(app(), app().stages["dev"], extend=extend)


def test_what_a_module_returns_is_judged(tmp_path: Path) -> None:
    body = "{'Conditions': 5, 'Resources': {'T': {'Type': 'AWS::SNS::Topic'}}}"
    (tmp_path / "own.py").write_text(f"def template(app, stage):\n    return {body}\n")
    built = replace(app(stacks={"own": OwnStack(module="own.py")}), root=str(tmp_path))
    message = "stacks.own.module: own.py: has Conditions that are no mapping of mappings. Write it as 'Name: {…}'."
    assert refusal(built) == message


def values(value: object) -> Iterator[Any]:
    """Every dataclass in a value."""
    if is_dataclass(value):
        yield value
        for field in fields(value):
            yield from values(getattr(value, field.name))
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ():
        yield from values(item)


def test_no_class_of_the_model_fails_on_a_value_of_another_type() -> None:
    """It is made, or refused in words; rendering says where the value is."""
    refused = 0
    for value in {type(field): field for field in values(everything(2))}.values():
        for field in fields(value):
            for other in (None, 5, "x", b"x", [5], (None,), {5: 5}, object()):
                try:
                    replace(value, **{field.name: other})
                except Mistake:
                    refused += 1
    assert refused > 100


def test_a_value_of_another_type_is_named_where_it_is() -> None:
    scale = Scale(low="1", high=5)  # type: ignore[arg-type]
    table = {"partition_key": "id", "capacity": {"read": scale, "write": {"low": 1, "high": "x"}}}
    built = app(data=Data(tables={"notes": table}))  # type: ignore[dict-item]
    assert refusal(built) == "data.tables.notes.capacity.write.high: 'x' is not a whole number. Write a whole number."
