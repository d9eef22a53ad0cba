"""What ``wsgi`` and ``handler`` may name: files, packages and factories."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.app import Function
from stacks.errors import DescriptionError
from stacks.loading import validated
from stacks.model.texts import Mistake


@pytest.mark.parametrize(
    ("wsgi", "folder", "entry"),
    [
        ("web/app.py:app", "web", ("app", "app")),
        ("web/app.py:create_app()", "web", ("app", "create_app()")),
        ("web/app.py:create_app('a:b', n=1)", "web", ("app", "create_app('a:b', n=1)")),
        ("src/flaskr/__init__.py:create_app()", "src", ("flaskr", "create_app()")),
        ("src/site/flaskr/__init__.py:app", "src/site", ("flaskr", "app")),
        ("flaskr/__init__.py:create_app()", ".", ("flaskr", "create_app()")),
        ("./flaskr/__init__.py:app", ".", ("flaskr", "app")),
        ("app.py:app", ".", ("app", "app")),
    ],
)
def test_an_entry_shows_the_folder_and_what_is_imported_from_there(
    wsgi: str, folder: str, entry: tuple[str, str]
) -> None:
    function = Function(wsgi=wsgi, public=True)
    assert (function.folder, function.entry) == (folder, entry)


def test_a_source_further_out_makes_the_module_longer() -> None:
    function = Function(wsgi="src/site/flaskr/__init__.py:app", source="src", public=True)
    assert (function.folder, function.entry) == ("src", ("site.flaskr", "app"))


@pytest.mark.parametrize(
    ("described", "contents"),
    [
        ({"wsgi": "flaskr/__init__.py:create_app()"}, ("flaskr",)),
        ({"wsgi": "flaskr/app.py:app", "source": "."}, ("flaskr",)),
        ({"wsgi": "flaskr/app.py:app", "source": "./."}, ("flaskr",)),
        ({"wsgi": "./app.py:app"}, ("app.py", "templates", "static")),
        ({"wsgi": "blog.py:app", "only": ("blog.py", "config.py", "app")}, ("blog.py", "config.py", "app")),
        ({"wsgi": "src/web/app.py:app"}, ()),
    ],
)
def test_of_the_projects_root_what_belongs_to_the_entry_is_packaged_and_of_other_folders_all(
    described: dict[str, Any], contents: tuple[str, ...]
) -> None:
    assert Function(**described, public=True).contents == contents


def test_a_package_at_the_root_is_imported_by_its_whole_name() -> None:
    assert Function(wsgi="flaskr/app.py:app", source=".", public=True).entry == ("flaskr.app", "app")


@pytest.mark.parametrize("called", ["create_app(os)", "create_app(open('x'))", "create_app(1 +)", "create_app()()"])
def test_a_factory_called_with_more_than_literals_is_refused(called: str) -> None:
    with pytest.raises(Mistake, match="is called with more than literals"):
        Function(wsgi=f"web/app.py:{called}", public=True)


@pytest.mark.parametrize(("file", "source"), [("__init__.py", None), ("src/flaskr/__init__.py", "src/flaskr")])
def test_a_package_without_its_folder_is_refused_with_the_way_out(file: str, source: str | None) -> None:
    with pytest.raises(Mistake, match=rf"{file} is a package without its folder\. Name the one around it as 'source'"):
        Function(wsgi=f"{file}:app", source=source, public=True)


def test_an_entry_outside_of_its_source_is_refused() -> None:
    with pytest.raises(Mistake, match=r"blog\.py is not inside 'source' web\. Name a folder that holds it"):
        Function(wsgi="blog.py:app", source="web", public=True)


def test_an_entry_that_is_not_packaged_is_refused() -> None:
    with pytest.raises(Mistake, match=r"blog\.py is not among 'only'\. Add it"):
        Function(wsgi="blog.py:app", only=("config.py", "app"), public=True)


@pytest.mark.parametrize("only", [".", "..", "../keys", "/etc", "app/", "app/../..", "app//web", ""])
def test_what_is_packaged_lies_inside_the_source(only: str) -> None:
    with pytest.raises(
        DescriptionError, match=r"backend\.functions\.web\.only.*: .* names nothing inside the source\."
    ):
        validated(_described(wsgi="blog.py:app", only=["blog.py", only]))


def test_two_zips_that_would_have_one_name_are_refused() -> None:
    described = _described(wsgi="blog.py:app", only=["blog.py", "app"])
    described["backend"]["functions"]["shop"] = {"wsgi": "blog.py:shop", "public": True, "routes": ["GET /shop"]}
    with pytest.raises(
        DescriptionError, match=r"functions\.shop\.only: differs from that of 'web', whose zip has the same name"
    ):
        validated(described)


def test_a_factory_in_a_description_is_reported_with_its_place() -> None:
    with pytest.raises(DescriptionError, match=r"backend.functions.web: .*more than literals"):
        validated(_described(wsgi="web/app.py:create_app(x)"))


def _described(**web: object) -> dict[str, Any]:
    functions = {"web": {**web, "public": True}}
    return {"name": "a", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"functions": functions}}
