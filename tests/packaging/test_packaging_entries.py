"""What ``wsgi`` and ``handler`` may name: files, packages and factories."""

from __future__ import annotations

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
    ],
)
def test_an_entry_tells_the_folder_and_what_is_imported_from_there(
    wsgi: str, folder: str, entry: tuple[str, str]
) -> None:
    function = Function(wsgi=wsgi, public=True)
    assert (function.folder, function.entry) == (folder, entry)


def test_a_source_further_out_makes_the_module_longer() -> None:
    function = Function(wsgi="src/site/flaskr/__init__.py:app", source="src", public=True)
    assert (function.folder, function.entry) == ("src", ("site.flaskr", "app"))


@pytest.mark.parametrize("called", ["create_app(os)", "create_app(open('x'))", "create_app(1 +)", "create_app()()"])
def test_a_factory_called_with_more_than_literals_is_refused(called: str) -> None:
    with pytest.raises(Mistake, match="is called with more than literals"):
        Function(wsgi=f"web/app.py:{called}", public=True)


def test_a_package_without_a_folder_around_it_is_refused_with_the_way_out() -> None:
    with pytest.raises(Mistake, match=r"flaskr/__init__.py is a package without a folder around it\. Move it, as src/"):
        Function(wsgi="flaskr/__init__.py:app", public=True)


def test_a_factory_in_a_description_is_told_with_its_place() -> None:
    functions = {"web": {"wsgi": "web/app.py:create_app(x)", "public": True}}
    described = {"name": "a", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"functions": functions}}
    with pytest.raises(DescriptionError, match=r"backend.functions.web: .*more than literals"):
        validated(described)
