"""Templates from elsewhere that say one thing twice, or that their framework has not built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.errors import DescriptionError
from stacks.foreign.reading import file_problems, parse, read

if TYPE_CHECKING:
    from pathlib import Path

SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api: {Type: AWS::Serverless::Function, Properties: {CodeUri: src, Handler: a.b, Runtime: python3.13}}
"""
PLAIN = "Resources:\n  Api: {Type: AWS::Lambda::Function, Properties: {Code: src, Handler: a.b}}\n"
LAYER = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: src}}\n"  # noqa: E501


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SQS::Queue}\n",
            ["t.yaml:3: Resources.A: is written twice, first in line 2. Keep one."],
        ),
        (
            "Resources:\n  A:\n    Type: T\n    Properties:\n      Name: a\n      Tags: []\n      Name: !Ref B\nOutputs:\n  X: {Value: 1}\n  X: {Value: 2}\n",  # noqa: E501
            [
                "t.yaml:7: Resources.A.Properties.Name: is written twice, first in line 5. Keep one.",
                "t.yaml:10: Outputs.X: is written twice, first in line 9. Keep one.",
            ],
        ),
        ("Resources: {}\nResources: {}\n", ["t.yaml:2: Resources: is written twice, first in line 1. Keep one."]),
        (
            '{"Resources":\n\t{"A": {"Type": "T"},\n\t "A": {"Type": "T"}}}',
            ["t.yaml:3: Resources.A: is written twice, first in line 2. Keep one."],
        ),
    ],
)
def test_duplicate_keys_are_reported_with_their_lines(text: str, problems: list[str]) -> None:
    with pytest.raises(DescriptionError) as raised:
        parse(text, where="t.yaml")
    assert str(raised.value).splitlines() == problems


@pytest.mark.parametrize(
    "text",
    [
        "x: &a {Type: T}\nResources:\n  A: *a\n  B: *a\n",
        "x: &a {Type: T}\nResources:\n  A: {<<: *a, Type: U}\n",
        '{"Resources": {"A": {"Type": "T", "Properties": {"A": {"A": 1}}}}}',
    ],
)
def test_names_that_are_unique_in_their_mapping_are_fine(text: str) -> None:
    assert parse(text, where="t.yaml")["Resources"]["A"]["Type"] in {"T", "U"}


def problems(root: Path, template: str) -> list[str]:
    (root / "t.yaml").write_text(template)
    return [f"{what}. {fix}" for what, fix in file_problems(root, read(root, "t.yaml"))]


@pytest.mark.parametrize(
    ("template", "file", "text", "fix"),
    [
        (SAM, "requirements.txt", "requests==2\n", "Run 'sam build', and name .aws-sam/build/template.yaml"),
        (SAM, "package.json", '{"dependencies": {"a": "1"}}', "Run 'sam build'"),
        (LAYER, "requirements.txt", "requests\n", "Run 'sam build'"),
        (PLAIN, "requirements.txt", "requests\n", "'uv pip install -r requirements.txt --target FOLDER'"),
        (PLAIN, "package.json", '{"dependencies": {"a": "1"}}', "'npm ci --omit dev'"),
    ],
)
def test_code_without_the_packages_that_it_asks_for_is_refused(
    tmp_path: Path, template: str, file: str, text: str, fix: str
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / file).write_text(text)
    (problem,) = problems(tmp_path, template)
    assert f"is src, which has a {file} and none of the packages that it asks for" in problem
    assert fix in problem


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "requests\n", "requests-2.dist-info/METADATA": ""},
        {"requirements.txt": "requests\n", "python/requests-2.dist-info/METADATA": ""},
        {"requirements.txt": "requests\n", "python/lib/python3.13/site-packages/requests-2.dist-info/METADATA": ""},
        {"requirements.txt": "# none\n\n"},
        {"package.json": '{"dependencies": {"a": "1"}}', "node_modules/a/index.js": ""},
        {"package.json": '{"devDependencies": {"a": "1"}}'},
        {"app.py": ""},
    ],
)
def test_code_that_was_built_or_needs_nothing_passes(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text(text)
    assert problems(tmp_path, SAM) == []
