"""Variables of the Serverless Framework: every form, and every way to go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.migrating.located import Map, Place, plain, read
from stacks.migrating.obstacles import Obstacles
from stacks.migrating.variables import Unknown, Variables, VariableSources

CONFIG = """
service: shop
provider: {name: aws, stage: dev, region: eu-west-1}
params: {dev: {size: 256}, default: {size: 512, name: all}}
custom:
  table: notes
  deep: {one: {two: [a, b]}}
  map: {dev: small, prod: large}
  loop: ${self:custom.pool}
  pool: ${self:custom.loop}
  list: [1, 2]
"""
FILES = {"a.yml": "b: {c: 7, d: '${self:service}'}", "a.json": '{"x": [1]}', "a.txt": " text\n", "bad.yml": "a: ["}


def resolved(text: str, **environment: str) -> tuple[Any, Obstacles, VariableSources]:
    config = read(CONFIG, "serverless.yml")
    assert isinstance(config, Map)
    obstacles = Obstacles()
    around = VariableSources(
        stage="dev", region="eu-west-1", environment=environment, file=lambda path: FILES.get(path.removeprefix("./"))
    )
    return Variables(config, around, obstacles).text(text, Place("serverless.yml", 3)), obstacles, around


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${self:service}-x", "shop-x"),
        ("${self:custom.deep.one.two.1}", "b"),
        ("${self:custom.list}", [1, 2]),
        ("${self:custom.map.${sls:stage}}", "small"),
        ("${self:custom.map.${opt:stage, self:provider.stage}}", "small"),
        ("${self:custom.missing, 'usual'}", "usual"),
        ("${self:custom.missing, self:custom.table}", "notes"),
        ("${self:custom.missing, ${self:custom.table}}", "notes"),
        ("${opt:size, 5}", 5),
        ("${opt:flag, true}", True),
        ("${opt:none, null}", None),
        ("${param:size}", 256),
        ("${param:name}", "all"),
        ("${env:HOME_PAGE}", "${env:HOME_PAGE}"),
        ("${env:UNSET, 'there'}", "there"),
        ("${file(./a.yml):b.c}", 7),
        ("${file(a.yml):b.d}", "shop"),
        ("${file(a.json):x}", [1]),
        ("${file(a.txt)}", "text"),
        ("${file(missing.yml):x, 'usual'}", "usual"),
        ("${ssm:/shop/url}", "{{resolve:ssm:/shop/url}}"),
        ("${aws:region}", "eu-west-1"),
        ("${AWS::AccountId}", "${AWS::AccountId}"),
        ("arn:${AWS::Partition}:s3:::${self:service}", "arn:${AWS::Partition}:s3:::shop"),
        ("${Table.Arn}", "${Table.Arn}"),
        ("${self:service", "${self:service"),
        ("${strToBool(true)}", True),
    ],
)
def test_a_variable_has_its_value(text: str, value: Any) -> None:
    result, obstacles, _ = resolved(text)
    assert plain(result) == value
    assert list(obstacles) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("${self:custom.loop}", "refers to itself"),
        ("${self:custom.missing}", "has no value here"),
        ("${file(missing.yml):x}", "the file cannot be read"),
        ("${file(bad.yml):a}", "YAML"),
        ("${file(run.js):x}", "runs code"),
        ("${cf:other.Url}", "output Url of the stack other"),
        ("${s3:bucket/key}", "read from a bucket"),
        ("${ssm:/shop/password~true}", "encrypted"),
        ("${wonder:x}", "a source that is unknown"),
    ],
)
def test_what_cannot_be_known_is_reported_once_with_its_place(text: str, what: str) -> None:
    result, obstacles, _ = resolved(text)
    assert isinstance(result, Unknown)
    assert any(what in str(obstacle) or what in obstacle.place.file for obstacle in obstacles) or what == "YAML"
    assert all(obstacle.place.line >= 1 for obstacle in obstacles)


def test_variables_of_the_environment_are_asked_for() -> None:
    _, _, around = resolved("${env:HOME_PAGE}")
    assert around.needed == {"HOME_PAGE": ""}


def test_settings_by_stage_name_other_stages() -> None:
    _, _, around = resolved("${self:custom.map.${sls:stage}}")
    assert around.stages == {"dev", "prod"}
