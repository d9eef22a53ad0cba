"""``local --watch``: what changed in the files of a stage goes to the local AWS, in one line and about a second.

The same plan is made again, and of it those steps are done that were not done before. A plan in which only code
differs needs the stacks of that code alone; one in which a template differs is done as a whole, since other stacks
may read what it changed. Mistakes are reported and checked again at the next change; what runs keeps running.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.commands.common import stage
from stacks.deploy.apply import DeployInterrupted
from stacks.deploy.execute import deploy
from stacks.deploy.plan import DeployStack, Plan
from stacks.description.environment import files
from stacks.errors import LocalError, PackagingError, StacksError, counted, shortened
from stacks.files import text_of
from stacks.intrinsics.reading import parse
from stacks.loading import load
from stacks.local.watch import Snapshot, differences, refuse_syntax_errors, snapshot
from stacks.packaging.node import LOCKS
from stacks.packaging.requirements import read_requirements
from stacks.progress import FilesRemoved, InlineBlocked, Published, StackFinished
from stacks.publishing.step import Publish
from stacks.release.code import bundles
from stacks.release.publication import publication
from stacks.ui import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.cloud import Cloud
    from stacks.deploy.plan import Step
    from stacks.packaging import Bundle
    from stacks.progress import Progress

_MOST = 3
"""Files named in a line."""


def watched(file: Path, chosen: Stage) -> tuple[Path, ...]:
    """What a change is looked for in: the description, files it names, ``.env``, the code and the published folders."""
    root = file.parent
    published = publication(chosen, root)
    folders = [folder.folder for folder in published.folders] if published else []
    code = [
        path for bundle in bundles(chosen, root) for path in (*_sources(bundle, root), *_dependencies(bundle, root))
    ]
    fromkeys = dict.fromkeys([file, *_named_by(file), *files(root, chosen.name), *code, *folders])
    resolved = {path: path.resolve() for path in fromkeys}
    return tuple(
        path for path in fromkeys if not any(resolved[fromkey] in resolved[path].parents for fromkey in fromkeys)
    )


def _sources(bundle: Bundle, root: Path) -> Iterator[Path]:
    """What a zip is made of: a folder, or what is taken of it."""
    if not bundle.only:
        yield root / bundle.source
        return
    yield from (root / bundle.source / item for item in bundle.only)


def _dependencies(bundle: Bundle, root: Path) -> Iterator[Path]:
    """The files that say what is installed, which may be above the code, and folders that are built for it."""
    if not bundle.requirements:
        return
    file = root / bundle.requirements
    yield file
    if bundle.is_node:
        yield from (file.with_name(name) for name in LOCKS)
        return
    with suppress(PackagingError):  # packaging says so
        wanted = read_requirements(file, root=root, where=bundle.requirements, wsgi=False)
        yield from (*wanted.read, *wanted.local) if wanted else ()


def _named_by(file: Path) -> list[Path]:
    """The files that a description names, such as another framework's template or a schema."""
    data = parse(text_of(file), file.name).data
    return [file.parent / text for text in _texts(data) if os.path.isfile(file.parent / text)]  # noqa: PTH113 - any text


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _texts(item)


def remaining(plan: Plan, done: Plan | None) -> tuple[Step, ...]:
    """The steps that bring a stage from ``done`` (None: unknown) to ``plan``; files are always compared."""
    if done is None or _templates(plan) != _templates(done):
        return plan.steps
    return tuple(step for step in plan.steps if step not in done.steps or isinstance(step, Publish))


def _templates(plan: Plan) -> list[tuple[str, str]]:
    return [(step.stack, step.rendered.body) for step in plan.steps if isinstance(step, DeployStack)]


@dataclass(slots=True, kw_only=True)
class Reloading:
    """A stage that runs: the plan it was deployed by, and its files as they were then.

    ``make`` plans a stage anew (its wheels are in the cache); ``say`` gets one line for each reload. ``seen`` are the
    files that ``done`` was made of, ``looked`` those of the last look: they differ after a mistake.
    """

    file: Path
    stage: Stage
    cloud: Cloud
    make: Callable[[App, Stage], Plan]
    say: Callable[[str], None]
    paths: tuple[Path, ...]
    seen: Snapshot
    looked: Snapshot
    done: Plan | None

    def look(self) -> None:
        """Look for changes, and deploy what they change; a mistake in them is said.

        Raises:
            KeyboardInterrupt: Ctrl-C while a stack was at work.
        """
        now = snapshot(self.paths)
        if now == self.looked:
            return
        self.looked = now
        names = differences(self.seen, now)
        started = time.monotonic()
        try:
            refuse_syntax_errors(names)
            output = self._deployed(now)
        except DeployInterrupted:
            raise KeyboardInterrupt from None
        except (StacksError, OSError) as error:
            output = str(error)
        else:
            output = f"{_named(names)}: {output} in {time.monotonic() - started:.1f} s"
        self.say(f"{time.strftime('%H:%M:%S')}  {output}")

    def _deployed(self, now: Snapshot) -> str:
        """Deploy the current files; returns what that changed."""
        app = load(self.file, self.stage.name)
        chosen = stage(app, self.stage.name)
        if (chosen.region, chosen.account) != (self.stage.region, self.stage.account):
            what = "moved to another region or account"
            raise LocalError(f"stage {chosen.name}", what, "Stop the local AWS with Ctrl-C and start it again")
        paths = watched(self.file, chosen)
        self.looked = now | snapshot(set(paths) - set(self.paths))
        self.paths = paths
        plan = self.make(app, chosen)
        facts: list[Progress] = []
        steps, self.done = remaining(plan, self.done), None
        deploy(Plan(stacks=plan.stacks, steps=steps), self.cloud, facts.append, account=chosen.account)
        self.done, self.seen = plan, self.looked
        for fact in facts:
            if isinstance(fact, InlineBlocked):
                self.say("\n".join(line.text for line in lines(fact)))
        return _text(facts)


def _text(facts: Sequence[Progress]) -> str:
    stacks = [fact.stack for fact in facts if isinstance(fact, StackFinished)]
    files = sum(isinstance(fact, Published) for fact in facts)
    files += sum(len(fact.keys) for fact in facts if isinstance(fact, FilesRemoved))
    words = filter(None, [", ".join(stacks), counted(files, "file") if files else ""])
    return " and ".join(words) or "nothing to deploy"


def _named(names: Sequence[str]) -> str:
    return shortened(list(map(os.path.relpath, names)), _MOST) or "as before"
