"""``explain``: what a resource, a rule or an error message means, and what causes it. Calls nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.book import entries
from stacks.checks.run import RULES
from stacks.commands.common import described, stages
from stacks.deploy.hints import hint
from stacks.errors import DescriptionMissingError, UsageError, nearest
from stacks.forecast.stateful import RETAINED
from stacks.rendering import render
from stacks.reporting import answer
from stacks.stages.kinds import described_at
from stacks.template.references import read_by

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from stacks.app import Stage
    from stacks.checks.book import BookEntry
    from stacks.template.rendered import Rendered


def run(arguments: Namespace) -> int:
    """Explain each thing that the words name: rules need no description, resources do."""
    text = " ".join(arguments.words)
    rules = {entry.id: entry for entry in entries((*RULES, *arguments.rules))}
    named = [
        rule for name, rule in rules.items() if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE)
    ]
    if named:
        _print_blocks(_rule(rule) for rule in named)
        return 0
    fromkeys = dict.fromkeys([*_cfn_lint(text)])
    if fromkeys:
        _print_blocks(fromkeys)
        return 0
    advice = hint(text)
    hinted = [f"{text}\n  Fix: {advice}."] if advice else []
    try:
        app = described(arguments)
    except DescriptionMissingError:
        if advice:
            _print_blocks(hinted)
            return 0
        raise
    rendered = [(stage, stack) for stage in stages(app, arguments.stage) for stack in render(app, stage)]
    ids = {name for _, stack in rendered for name in stack.template.get("Resources", {})}
    words = [word for word in re.findall(r"[A-Za-z0-9]+", text) if word in ids]
    blocks = [
        _resource(stage, stack, word)
        for word in dict.fromkeys(words)
        for stage, stack in rendered
        if word in stack.template.get("Resources", {})
    ]
    if not blocks and not advice:
        fix = nearest(text, ids | rules.keys())
        raise UsageError(f"explain {text!r}", "names no resource and no rule", fix if len(fix) < 200 else _HELP)  # noqa: PLR2004 - a line
    _print_blocks([*hinted, *blocks])
    return 0


def _print_blocks(blocks: Iterable[str]) -> None:
    results = list(blocks)
    answer({"explanations": results}, lambda: "\n\n".join(results))


_HELP = "Pass a logical id such as 'WebFunction', a rule of 'lint --rules', or a message that holds one"


def _rule(entry: BookEntry) -> str:
    graded = f"AWS refuses the {entry.of}" if entry.grade == "refused" else "advice: AWS takes the template"
    lines = [f"{entry.id} ({graded})", entry.asks, f"Why: {entry.why}.", f"Fix: {entry.fix}.", f"See: {entry.source}"]
    return "\n  ".join(line for line in lines if line)


def _cfn_lint(text: str) -> Iterator[str]:
    """Rules of cfn-lint, as ``E3012``."""
    names = set(re.findall(r"\b[EWI]\d{4}\b", text.upper()))
    if not names:
        return
    from stacks.linting import described_rules  # noqa: PLC0415 - brings cfn-lint

    yield from described_rules(names)


def _resource(stage: Stage, rendered: Rendered, name: str) -> str:
    resources = rendered.template["Resources"]
    body = resources[name]
    reads = sorted((read_by(body).keys() & resources.keys()) - {name})
    readers = sorted(other for other, its in resources.items() if other != name and name in read_by(its))
    kept = body.get("DeletionPolicy", "Delete")
    rows = [
        ("stage", f"{stage.name}, stack {rendered.name} in {rendered.region}"),
        ("type", body["Type"]),
        *(("described", path) for path in described_at(name, stage)),
        ("refers to", ", ".join(reads) or "no other resource of its stack"),
        ("used by", ", ".join(readers) or "no other resource of its stack"),
        ("when removed", "kept, with its data" if kept in RETAINED else "deleted"),
        ("reference", _page(body["Type"])),
    ]
    return "\n".join([name, *(f"  {title:<12}  {text}" for title, text in rows)])


def _page(kind: str) -> str:
    parts = kind.lower().split("::")
    if len(parts) != 3 or parts[0] != "aws":  # noqa: PLR2004 - AWS::Service::Resource
        return "none: not a type of AWS"
    return f"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-{parts[1]}-{parts[2]}.html"
