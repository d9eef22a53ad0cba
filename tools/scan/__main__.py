"""``python -m tools.scan``: every scanner over every rendered stage; nothing may be left, nothing stale.

The stages are those of the example and of ``all_options.yaml``, or those of the description that is named; a pattern of
previews is scanned by one of its stages.

Each scanner sees the templates without their suppressions; what it finds must be suppressed, with a reason, by the
template that contains it, and each suppression must suppress something. checkov and cfn-lint then see the templates as
they are and must find nothing. Exit code 1 when anything is left.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from stacks import load, render
from stacks.checks.run import RULES, check, suppressed
from stacks.errors import StacksError
from stacks.files import cache_folder
from stacks.loading import validated
from stacks.roles import derive
from stacks.roles.packing import filled
from stacks.stages.stacks import BASE
from stacks.text_table import table
from tools.scan import judging, scanners
from tools.scan.meant_of_roles import MEANT
from tools.scan.resolve import expanded, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stacks import App, Rendered
    from stacks.app import Stage
    from stacks.roles import DeployRights

ROOT = Path(__file__).parents[2]
_ACCOUNT = "111122223333"
Row = tuple[str, int, judging.Verdict]


def main(description: Path) -> int:
    """Scan; print a row for each scanner, then what is left and what is stale."""
    apps = {"": load(description)}
    if description == ROOT / "app.yaml":
        apps |= {f"all-options-{number}-": app for number, app in enumerate(with_all_options(), start=1)}
    stages = {
        f"{name}{stage.name}": (stage, render(app, stage))
        for name, app in apps.items()
        for stage in (*app.stages.values(), *app.previews.values())
    }
    rendered = {name: stacks for name, (_, stacks) in stages.items()}
    files = {f"{name}/{stack.stack}": stack for name, stacks in rendered.items() for stack in stacks}
    with TemporaryDirectory() as folder:
        rows = [*_scanned(files, Path(folder)), *_roles(stages), _own(rendered)]
    lines = [
        [name, str(checked), str(len(verdict.left)), str(verdict.meant), str(len(verdict.stale))]
        for name, checked, verdict in rows
    ]
    printed = table(lines, ["scanner", "checks", "left", "suppressed", "stale"], right=(1, 2, 3, 4))
    bad = [str(problem) for _, _, verdict in rows for problem in (*verdict.left, *verdict.stale)]
    count = f"{len(files)} templates, {len(bad) or 'no'} finding{'' if len(bad) == 1 else 's'}"
    sys.stdout.write("\n".join([printed, *bad, count, ""]))
    return 1 if bad else 0


def with_all_options() -> Iterator[App]:
    """The example's stage ``dev`` with each of the overlays of ``all_options.yaml``, and the previews that it has."""
    import yaml  # noqa: PLC0415 - loading the description needs it, too

    data = yaml.safe_load((ROOT / "app.yaml").read_text(encoding="utf-8"))
    for overlay in yaml.safe_load_all((Path(__file__).parent / "all_options.yaml").read_text(encoding="utf-8")):
        pattern = overlay["base"].get("ci", {}).get("previews")
        previews = {pattern: {"from": "dev"}} if pattern else {}
        yield validated({**data, "stages": {"dev": {**data["stages"]["dev"], **overlay}, **previews}})


def _scanned(files: Mapping[str, Rendered], folder: Path) -> Iterator[Row]:
    plain = {file: json.loads(json.dumps(dict(stack.template))) for file, stack in files.items()}
    methods = {file: expanded(judging.bare(template)) for file, template in copy.deepcopy(plain).items()}
    bare = {file: template for file, (template, _) in methods.items()}
    owners = {file: names for file, (_, names) in methods.items()}
    regions = {file: stack.region for file, stack in files.items()}
    _write(folder / "plain", plain)
    _write(folder / "bare", bare)
    program = scanners.checkov_program(cache_folder("scan"))
    scan = judging.of_owners(scanners.checkov(program, folder / "bare"), owners, routes=False)
    yield _row("checkov", scan, plain, judging.of_checkov)
    yield _row("checkov, as it reads them", scanners.checkov(program, folder / "plain"), {}, judging.of_checkov)
    scan = judging.of_owners(scanners.cfn_lint(folder / "bare", regions), owners, routes=False)
    yield _row("cfn-lint -c I", scan, plain, judging.of_cfn_lint)
    yield _row("cfn-lint, as it reads them", scanners.cfn_lint(folder / "plain", regions), {}, judging.of_cfn_lint)
    modules = scanners.nag_modules(cache_folder("scan"))
    scan = scanners.nag(modules, {file: resolved(entry, regions[file]) for file, entry in bare.items()})
    scan = judging.of_owners(scan, owners, routes=True)
    for pack in ("AwsSolutions", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321", "Serverless"):
        yield _pack(pack, scan, plain)


def _pack(pack: str, scan: scanners.Scan, plain: Mapping[str, Any]) -> Row:
    """One pack of cdk-nag; whether a suppression is stale is judged over all of them, and reported with the last."""
    results = frozenset(entry for entry in scan.matches if entry.rule.startswith(f"{pack}-"))
    meant = [entry for file, template in plain.items() for entry in judging.of_nag(file, template)]
    verdict = judging.judged(results, meant)
    stale = judging.judged(scan.matches, meant).stale if pack == "Serverless" else ()
    return (
        f"cdk-nag {pack}",
        scan.packs.get(pack, 0),
        judging.Verdict(left=verdict.left, meant=verdict.meant, stale=stale),
    )


def _row(
    name: str,
    scan: scanners.Scan,
    plain: Mapping[str, Any],
    suppressions: Callable[[str, Mapping[str, Any]], Iterator[judging.Meant]],
) -> Row:
    meant = [suppression for file, template in plain.items() for suppression in suppressions(file, template)]
    return name, scan.checked, judging.judged(scan.matches, meant)


def _roles(stages: Mapping[str, tuple[Stage, tuple[Rendered, ...]]]) -> Iterator[Row]:
    """The roles that would deploy the stacks: they must not escalate, and no such finding is suppressed."""
    policies = {
        f"{name}/{stack.stack}": {
            f"policy {number}": document for number, document in enumerate(_documents(rights), start=1)
        }
        for name, (stage, rendered) in stages.items()
        for stack in rendered
        if stack.stack != BASE and (rights := derive(stage, stack))
    }
    program = scanners.checkov_program(cache_folder("scan"))
    yield _row("cloudsplaining, deploy roles", scanners.cloudsplaining(program, policies), {}, judging.of_checkov)
    scan = scanners.parliament(program, policies)
    yield "parliament, deploy roles", scan.checked, judging.judged(scan.matches, list(MEANT))


def _documents(rights: DeployRights) -> list[dict[str, Any]]:
    """The policies with an account in them, since parliament reads ARNs."""
    boundary = f"arn:aws:iam::{_ACCOUNT}:policy{rights.platform}boundary"
    text = json.dumps(rights.documents())
    loads: list[dict[str, Any]] = json.loads(filled(text, account=_ACCOUNT, boundary=boundary))
    return loads


def _own(stages: Mapping[str, tuple[Rendered, ...]]) -> Row:
    left = [
        scanners.Match(
            file=f"{name}/{finding.stack}", resource=finding.logical_id, rule=finding.rule, what=finding.what
        )
        for name, rendered in stages.items()
        for finding in check(rendered)
    ]
    meant = sum(len(suppressed(rendered)) for rendered in stages.values())
    return "own rules", len(RULES) * len(stages), judging.Verdict(left=tuple(left), meant=meant, stale=())


def _write(folder: Path, templates: Mapping[str, Any]) -> None:
    for file, template in templates.items():
        place = folder / f"{file}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(template, indent=1), encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "app.yaml"))
    except (StacksError, scanners.ScanError) as error:
        sys.exit(str(error))
