"""The handlers of a stage, imported and called as Lambda does it, from zips for this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.commands.common import root
from stacks.model.texts import split_route
from stacks.packaging import host_target, package
from stacks.packaging.check import check, handlers
from stacks.parts.frontend.behaviors import has_api
from stacks.parts.frontend.patterns import leads_to_api
from stacks.release.code import bundles, code_parameters

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stacks.app import Stage
    from stacks.template.rendered import Rendered


def check_handlers(arguments: Namespace, stage: Stage, rendered: Sequence[Rendered], say: Callable[[str], None]) -> int:
    """Check the handlers of a stage, telling ``say`` what works but deserves a word; return how many work here.

    Raises:
        PackagingError: some cannot be imported or called, or cannot be packaged for this machine.
    """
    folder = root(arguments)
    wanted = bundles(stage, folder)
    artifacts = package(wanted, root=folder, out=folder / ".build", target=host_target(), say=say)
    parameters = code_parameters(stage, rendered, artifacts)
    packaged_handlers = [
        packaged_handler
        for stack in rendered
        for packaged_handler in handlers(stack.template, parameters.get(stack.stack, {}))
    ]
    checked = check(packaged_handlers, artifacts)
    for notice in (*checked.words, *unreached(stage, checked.folders)):
        say(notice)
    return len(packaged_handlers) - checked.unproven


def unreached(stage: Stage, folders: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The static folders of Flask extensions that no URL leads to, with the lines to add.

    ``folders`` are those of each function, by its name on AWS.
    """
    functions = {f"{naming.prefix(stage)}-{name}": function for name, function in stage.backend.functions.items()}
    for name, paths in folders.items():
        routes = functions[name].all_routes if name in functions else ()
        for path in paths if routes else ():
            route, pattern = f"GET {path}{{proxy+}}", f"{path}*"
            fixes = [] if _takes(routes, path) else [f"'{route}' to its routes"]
            if stage.frontend.is_described and has_api(stage) and not leads_to_api(stage, path):
                fixes.append(f"'{pattern}: api' to frontend.paths")
            if fixes:
                what = f"{name}: no URL leads to the files that an extension serves below {path}"
                yield f"{what}. Add {' and '.join(fixes)}."


def _takes(routes: Iterable[str], folder: str) -> bool:
    """Whether one of ``routes`` takes a GET of every file below ``folder`` (``/ext/``)."""
    greedy = [split_route(route) for route in routes if route.endswith("/{proxy+}")]
    return any(method in {"GET", "ANY"} and folder.startswith(path.removesuffix("{proxy+}")) for method, path in greedy)
