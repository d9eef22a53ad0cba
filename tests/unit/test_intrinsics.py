"""CloudFormation's values: what one refers to, and the same value with something else in place of its references."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.intrinsics.functions import GetAtt, GetStackOutput, Other, Ref, Sub, function, merged
from stacks.intrinsics.reading import UnreadableError, load, parse, template
from stacks.intrinsics.references import (
    Reference,
    blanked,
    escaped,
    literal,
    names,
    outermost,
    outputs,
    references,
    substitute,
    text_of,
    variables,
    walk,
)

OUTPUT = {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "o"}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "A"}, Ref("A")),
        ({"Fn::GetAtt": ["A", "Outputs.B"]}, GetAtt("A", "Outputs.B")),
        ({"Fn::GetAtt": "A.Outputs.B"}, GetAtt("A", "Outputs.B")),
        ({"Fn::GetAtt": ["A", "Outputs", "B"]}, GetAtt("A", "Outputs.B")),
        ({"Fn::GetAtt": ["A", {"Ref": "Name"}]}, GetAtt("A", {"Ref": "Name"})),
        ({"Fn::Sub": "x"}, Sub("x")),
        ({"Fn::Sub": ["${X}", {"X": "1"}]}, Sub("${X}", {"X": "1"})),
        (OUTPUT, GetStackOutput("s", "o")),
        ({"Fn::GetStackOutput": {**OUTPUT["Fn::GetStackOutput"], "Region": "x"}}, GetStackOutput("s", "o", "x")),
        ({"Fn::If": ["C", "a", "b"]}, Other("Fn::If", ["C", "a", "b"])),
        ({"Fn::GetAtt": "A"}, Other("Fn::GetAtt", "A")),
        ({"Fn::GetAtt": []}, Other("Fn::GetAtt", [])),
        ({"Ref": 5}, Other("Ref", 5)),
        ({"Fn::Sub": ["${X}"]}, Other("Fn::Sub", ["${X}"])),
        ({"Ref": "A", "Fn::Sub": "x"}, None),
        ({"Name": "A"}, None),
        ("A", None),
    ],
)
def test_a_value_is_reported_by_its_function(value: Any, expected: Any) -> None:
    assert function(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", ["A"]),
        ("${ A }/${ B.Arn }", ["A", "B.Arn"]),
        ("${!A}", []),
        ("${!A}${A}", ["A"]),
        ("$${A}", ["A"]),
        ("${AWS::Region}", ["AWS::Region"]),
        ("${A.Outputs.B}", ["A.Outputs.B"]),
        ("${}${ }", []),
        ("no } ${ end", []),
    ],
)
def test_variables_of_a_text_are_found(text: str, expected: list[str]) -> None:
    assert [variable.variable for variable in variables(text)] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::GetAtt": "A.Arn"}, ["A"]),
        ({"Fn::Sub": ["${X} ${A} ${A.Arn}", {"X": {"Ref": "B"}}]}, ["A", "B"]),
        ({"Fn::Sub": ["${X}", {"X": "${B}"}]}, []),
        ({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": {"Fn::Sub": "s3://${A}"}}}}, ["A"]),
        ({"Fn::If": ["C", {"Ref": "A"}, {"Fn::GetAtt": ["B", {"Ref": "D"}]}]}, ["A", "B", "D"]),
        ([{"Key": {"Ref": "A"}, "Value": ({"Ref": "B"},)}], ["A", "B"]),
    ],
)
def test_names_are_found_at_any_depth_without_the_variables_of_a_sub(value: Any, expected: list[str]) -> None:
    assert sorted(names(value)) == expected


def test_functions_are_found_outer_ones_first() -> None:
    value = {"A": [{"Fn::Join": ["", [{"Ref": "B"}]]}], "C": {"Ref": "D"}}
    assert walk(value) == [Other("Fn::Join", ["", [{"Ref": "B"}]]), Ref("B"), Ref("D")]
    assert walk("text") == []
    assert [path for path, _ in outermost(value)] == [("A", 0), ("C",)]
    assert list(outputs([OUTPUT])) == [GetStackOutput("s", "o")]


STANDS: dict[str, Any] = {
    "Text": "t",
    "Number": 5,
    "Switch": True,
    "Other": {"Ref": "Else"},
    "Made": {"Fn::Sub": "arn:${AWS::Region}"},
    "Read": OUTPUT,
    "Dollar": "a${B}",
    "List": ["a", "b"],
    "T.Arn": {"Fn::GetAtt": ["U", "Arn"]},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Text"}, "t"),
        ({"Ref": "List"}, ["a", "b"]),
        ({"Fn::GetAtt": "T.Arn"}, {"Fn::GetAtt": ["U", "Arn"]}),
        ({"Fn::Sub": "${Text}/${ Number }/${Switch}"}, "t/5/true"),
        ({"Fn::Sub": "${Text}/${!Text}"}, "t/${Text}"),
        ({"Fn::Sub": "${Text}/${Unknown}/${!X}"}, {"Fn::Sub": "t/${Unknown}/${!X}"}),
        ({"Fn::Sub": "${Dollar}"}, "a${B}"),
        ({"Fn::Sub": "${Dollar}${C}"}, {"Fn::Sub": "a${!B}${C}"}),
        ({"Fn::Sub": "${Other}${T.Arn}"}, {"Fn::Sub": "${Else}${U.Arn}"}),
        ({"Fn::Sub": "${Made}:x"}, {"Fn::Sub": "arn:${AWS::Region}:x"}),
        ({"Fn::Sub": "${Read}${Read}"}, {"Fn::Sub": ["${Read}${Read}", {"Read": OUTPUT}]}),
        ({"Fn::Sub": ["${Text}", {"Text": "own"}]}, {"Fn::Sub": ["${Text}", {"Text": "own"}]}),
        ({"Fn::Sub": ["${X}", {"X": {"Ref": "Other"}}]}, {"Fn::Sub": "${Else}"}),
        ({"Fn::Sub": ["${X}", {"X": {"Ref": "Read"}}]}, {"Fn::Sub": ["${X}", {"X": OUTPUT}]}),
        # A variable of its own has the name of what would be written into the text.
        (
            {"Fn::Sub": ["${Other}${Else}", {"Else": "own"}]},
            {"Fn::Sub": ["${Other}${Else}", {"Else": "own", "Other": {"Ref": "Else"}}]},
        ),
        (
            {"Fn::Sub": ["${X}${Else}", {"X": {"Ref": "Other"}, "Else": "own"}]},
            {"Fn::Sub": ["${X}${Else}", {"X": {"Ref": "Else"}, "Else": "own"}]},
        ),
        ({"A": [{"Fn::Join": ["", [{"Ref": "Text"}]]}]}, {"A": [{"Fn::Join": ["", ["t"]]}]}),
    ],
)
def test_what_stands_for_a_reference_takes_its_place(value: Any, expected: Any) -> None:
    assert (
        substitute(value, lambda entry: STANDS.get(entry.variable) if isinstance(entry, Reference) else None)
        == expected
    )


def test_a_new_variable_takes_no_name_that_the_text_uses() -> None:
    read = {"Fn::Sub": "${data.Pool} ${DataPool}"}
    result = substitute(read, lambda entry: OUTPUT if entry == Reference("data", "Pool") else None)
    assert result == {"Fn::Sub": ["${DataPool2} ${DataPool}", {"DataPool2": OUTPUT}]}


NAMES = st.sampled_from(["A", "B", "A.Arn", "AWS::Region", "Own", "!A", " A "])
TEXTS = st.lists(
    st.one_of(st.sampled_from(["x", "$", "{", "}", ":", "!"]), NAMES.map(lambda name: f"${{{name}}}"))
).map("".join)


@given(TEXTS)
def test_an_escaped_text_is_itself(text: str) -> None:
    assert literal(escaped(text)) == text


@given(TEXTS, st.dictionaries(st.sampled_from(["Own", "A"]), st.sampled_from(["v", {"Ref": "B"}, {"Fn::Sub": "${A}"}])))
def test_a_value_without_replacements_refers_to_the_same(text: str, own: dict[str, Any]) -> None:
    value = {"Fn::Sub": [text, own]}
    assert list(references(substitute(value, lambda _: None))) == list(references(value)) or not list(variables(text))


@given(TEXTS)
def test_replacing_by_text_leaves_none_of_the_references(text: str) -> None:
    assert isinstance(substitute({"Fn::Sub": text}, lambda _: "${!x}"), str)


def test_references_and_literals_are_blanked() -> None:
    assert blanked("arn:${AWS::Partition}:${!aws:username}/x", "_") == "arn:_:_/x"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ('{"a": "0x10"}', {"a": "0x10"}),
        ("a: 0x10\nb: 0123\nc: 1_000\nd: 012345678901", {"a": 16, "b": 83, "c": 1000, "d": "012345678901"}),
        ("a: !Sub ['${X}', {X: !GetAtt [B, C]}]", {"a": {"Fn::Sub": ["${X}", {"X": {"Fn::GetAtt": ["B", "C"]}}]}}),
        (
            "a: !Transform {Name: M, Parameters: {P: !Ref B}}",
            {"a": {"Fn::Transform": {"Name": "M", "Parameters": {"P": {"Ref": "B"}}}}},
        ),
        ("a: !NewFunction x", {"a": {"Fn::NewFunction": "x"}}),
        ("? on\n: 1\n3: 2", {"true": 1, "3": 2}),
    ],
)
def test_a_template_is_read(text: str, value: Any) -> None:
    assert load(text) == value


def test_a_key_may_overrule_what_is_merged() -> None:
    tree = parse("a: &a {b: 1}\nc: {<<: *a, b: 2}\nd: {b: 1, b: 2}\n", "app.yaml")
    assert tree.data["c"] == {"b": 2}
    assert [str(problem) for problem in tree.problems] == [
        "app.yaml:3: d.b: is written twice, first in line 3. Keep one."
    ]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a: 1\nb: [", 3, "did not find expected node content"),
        ("{a: 1}", 1, "Expecting property name"),
        ('{"a": 1,\n"b"}', 2, "Expecting ':' delimiter"),
        ("a: 1\nb: !!binary eA==", 2, "b has the tag !!binary, which CloudFormation does not take"),
        ("a: 1\n[b]: 1", 2, "has a key that is not text"),
        ("a: &a\n  b: *a", 1, "contains itself"),
        ("a: {<<: 5}", 1, "a has a wrong merge key"),
        ("a:\n\t- 1", 2, "a tab is used"),
        ("a: 1\nb: \x07", 2, "unacceptable character #x0007: control characters are not allowed"),
        ("[" * 2000, 1, "is nested too deeply"),
        ("[" * 152 + "]" * 152, 1, "is nested too deeply"),
        ("a: 1\nb: .inf", 2, "b .inf is not a number that templates have"),
        ('{"a": NaN}', None, "NaN is not a number that templates have"),
        ('{"a": 1e999}', None, "1e999 is not a number that templates have"),
        ('{"a":' * 100_000, None, "is nested too deeply"),
    ],
)
def test_a_text_that_is_no_template_is_reported_with_its_line(text: str, line: int | None, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        load(text)
    assert why in caught.value.why
    assert caught.value.line == line


def test_150_steps_to_a_value_are_read() -> None:
    assert load("[" * 151 + "]" * 151) != load("[" * 150 + "]" * 150)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!GetAtt T.Outputs.B", {"Fn::GetAtt": ["T", "Outputs.B"]}),
        ("!GetAtt [T, B]", {"Fn::GetAtt": ["T", "B"]}),
        ("!Ref T.B", {"Ref": "T.B"}),
        ("!Condition C", {"Condition": "C"}),
        ("!Sub a.b", {"Fn::Sub": "a.b"}),
    ],
)
def test_a_short_tag_is_its_long_function(text: str, expected: Any) -> None:
    assert load(f"A: {text}") == {"A": expected}


@pytest.mark.parametrize(
    ("value", "change", "expected"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}}, {"a": {"c": 2, "d": 3}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"Ref": "A"}, {"x": 1, "y": None}, {"x": 1}),
        ({"x": 1}, {"Ref": "A"}, {"Ref": "A"}),
        ("text", {"x": {"y": None}}, {"x": {}}),
    ],
)
def test_a_change_is_merged_into_mappings_alone(value: Any, change: Any, expected: Any) -> None:
    assert merged(value, change) == expected


def test_words_of_a_description_that_are_true() -> None:
    tree = parse("a: true\nb: True\nc: yes\nd: on\ne: false\nf: off\ng: no", "app.yaml")
    assert list(tree.data.values()) == [True] * 4 + [False] * 3


def test_an_unknown_tag_is_reported_at_its_place() -> None:
    (problem,) = parse("a:\n  b: !Reff x", "app.yaml").problems
    assert (problem.where, problem.line, problem.file) == ("a.b", 2, "app.yaml")


def test_a_stage_may_be_empty_and_nothing_in_it() -> None:
    assert parse("stages:\n  dev:\n", "app.yaml").problems == []
    (problem,) = parse("stages:\n  dev:\n    region:\n", "app.yaml").problems
    assert (problem.where, problem.what) == ("stages.dev.region", "is empty")


def test_a_template_in_json_may_have_tabs_and_keys_that_are_written_twice() -> None:
    tree = template('{\n\t"A": 1,\n\t"A":\t2}', "t.json")
    assert (tree.data, [problem.line for problem in tree.problems]) == ({"A": 2}, [3])


def test_an_attribute_that_is_not_known_is_any() -> None:
    (reference,) = [entry for entry in references({"Fn::GetAtt": ["A", {"Ref": "Name"}]}) if entry.name == "A"]
    assert reference.attribute == "*"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ({"Ref": "A"}, "x"),
        ({"Fn::Sub": "${A}/${AWS::Region}"}, "x/r"),
        ({"Fn::Join": ["-", ["a", {"Ref": "A"}]]}, "a-x"),
        ({"Fn::Join": ["-", ["a", {"Ref": "B"}]]}, None),
        ({"Fn::Sub": "${A}${B}"}, None),
        (5, None),
    ],
)
def test_a_value_is_a_text_where_all_of_it_is_known(value: Any, expected: str | None) -> None:
    assert text_of(value, {"A": "x", "AWS::Region": "r"}) == expected
