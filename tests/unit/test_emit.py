"""Plain data → YAML: every reader gets the same data back, and a person can read it."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from stacks.template.emit import yaml_text


class _Reader(yaml.SafeLoader):
    """A YAML reader that turns short function tags into their long form."""


def _function(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    assert isinstance(node, yaml.ScalarNode)
    text = loader.construct_scalar(node)
    match tag:
        case "Ref":
            return {"Ref": text}
        case "GetAtt":
            return {"Fn::GetAtt": str(text).split(".")}
        case _:
            return {f"Fn::{tag}": text}


_Reader.add_multi_constructor("!", _function)

TEXT = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["yes", "NO", "null", "~", "1e3", "0x1", "2012-10-17", "a: b", "- a", "#", "a\nb", "a\n", "\n", " a\nb", "a\n\nb\n"]
)
NAMES = st.text("ABCdef123", min_size=1, max_size=8)
FUNCTIONS = (
    st.builds(lambda name: {"Ref": name}, NAMES)
    | st.builds(lambda entry, two: {"Fn::GetAtt": [entry, two]}, NAMES, NAMES)
    | st.builds(lambda text: {"Fn::Sub": text}, TEXT)
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | FUNCTIONS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=5))
@example({"a": [[["b"]], [], {}]})
@example({"a": "line\n  indented\n\nlast \n"})
@example({"a": ["x\ny"]})
@example({"a": "\x85\u2028\ufeff😀\x7f"})
def test_any_data_comes_back_as_it_was(data: dict[str, Any]) -> None:
    assert yaml.load(yaml_text(data), _Reader) == data  # noqa: S506 - a SafeLoader


def test_a_template_reads_well() -> None:
    template = {
        "Resources": {
            "Bucket": {"Properties": {"Tags": [{"Value": "notes", "Key": "app"}]}, "Type": "AWS::S3::Bucket"},
            "Code": {
                "Type": "Custom::Code",
                "Properties": {"Text": "one\ntwo\n", "On": "on", "Arn": {"Fn::GetAtt": ["Bucket", "Arn"]}},
            },
        },
        "AWSTemplateFormatVersion": "2010-09-09",
    }
    assert yaml_text(template) == (
        'AWSTemplateFormatVersion: "2010-09-09"\n'
        "Resources:\n"
        "  Bucket:\n"
        "    Type: AWS::S3::Bucket\n"
        "    Properties:\n"
        "      Tags:\n"
        "        - Key: app\n"
        "          Value: notes\n"
        "  Code:\n"
        "    Type: Custom::Code\n"
        "    Properties:\n"
        "      Arn: !GetAtt Bucket.Arn\n"
        '      "On": "on"\n'
        "      Text: |\n"
        "        one\n"
        "        two\n"
    )
