"""Django's public tutorial behind the CDN of the local AWS: a migration, a vote, the admin with its static files."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import uv

from tests.running import ROOT, Project, local_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Answer, Visitor

pytestmark = pytest.mark.emulator

MODELS = """
from django.db import models

class Question(models.Model):
    question_text = models.CharField(max_length=200)
    pub_date = models.DateTimeField("date published")
    def __str__(self):
        return self.question_text

class Choice(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE)
    choice_text = models.CharField(max_length=200)
    votes = models.IntegerField(default=0)
"""
VIEWS = """
from django.db.models import F
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from .models import Choice, Question

def detail(request, question_id):
    return render(request, "polls/detail.html", {"question": get_object_or_404(Question, pk=question_id)})

def vote(request, question_id):
    question = get_object_or_404(Question, pk=question_id)
    selected = question.choice_set.get(pk=request.POST["choice"])
    selected.votes = F("votes") + 1
    selected.save()
    return HttpResponseRedirect(reverse("polls:detail", args=(question.id,)))
"""
URLS = """
from django.urls import path
from . import views
app_name = "polls"
urlpatterns = [
    path("<int:question_id>/", views.detail, name="detail"),
    path("<int:question_id>/vote/", views.vote, name="vote"),
]
"""
DETAIL = """{% load static %}<link rel="stylesheet" href="{% static 'polls/style.css' %}">
<form action="{% url 'polls:vote' question.id %}" method="post">{% csrf_token %}<h1>{{ question.question_text }}</h1>
{% for choice in question.choice_set.all %}<input type="radio" name="choice" value="{{ choice.id }}">
<label>{{ choice.choice_text }}: {{ choice.votes }}</label>{% endfor %}<input type="submit" value="Vote"></form>
"""
SEED = (
    "from polls.models import *; from django.utils import timezone as t; "
    "q=Question.objects.create(question_text='What is new?', pub_date=t.now()); q.choice_set.create(choice_text='Sky')"
)
DJANGO = "django<5.3"


def django_admin(folder: Path, *words: str) -> None:
    """``django-admin`` or ``manage.py`` of a released Django."""
    run = [uv.find_uv_bin(), "run", "--quiet", "--no-project", "--with", DJANGO, *words]
    subprocess.run(run, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("polls")
    django_admin(folder, "django-admin", "startproject", "mysite", ".")
    django_admin(folder, "python", "manage.py", "startapp", "polls")
    app = folder / "polls"
    for name, text in {"models.py": MODELS, "views.py": VIEWS, "urls.py": URLS}.items():
        (app / name).write_text(text)
    (app / "admin.py").write_text(
        "from django.contrib import admin\nfrom .models import Question\nadmin.site.register(Question)\n"
    )
    (app / "templates/polls").mkdir(parents=True)
    (app / "templates/polls/detail.html").write_text(DETAIL)
    (app / "static/polls").mkdir(parents=True)
    (app / "static/polls/style.css").write_text("li a { color: green; }\n")
    routes = folder / "mysite/urls.py"
    text = routes.read_text().replace("import path", "import include, path")
    routes.write_text(text.replace("path('admin/'", "path('polls/', include('polls.urls')), path('admin/'"))
    settings = folder / "mysite/settings.py"
    text = settings.read_text().replace("INSTALLED_APPS = [", "INSTALLED_APPS = [\n    'polls.apps.PollsConfig',")
    settings.write_text(text.replace("BASE_DIR / 'db.sqlite3'", repr(str(folder / "db.sqlite3"))))
    django_admin(folder, "python", "manage.py", "makemigrations", "polls")
    (folder / "requirements.txt").write_text(f"{DJANGO}\n")
    (folder / "build.py").write_bytes((ROOT / "build.py").read_bytes())
    return folder


def described(folder: Path, kind: str, interface: str) -> Project:
    web = {
        interface: f"mysite/{interface}.py:application",
        "source": ".",
        "only": ["mysite", "polls", "manage.py"],
        "public": True,
        "commands": True,
        "timeout": 60,
        "after_deploy": ["python manage.py migrate"],
        "environment": {"DJANGO_SUPERUSER_PASSWORD": {"value": "pw", "secret": False}},
    }
    app = {
        "name": "polls",
        "stages": {"dev": {"region": "eu-west-1"}},
        "backend": {"api": {"type": kind}, "functions": {"web": web}},
        "frontend": {"static": "staticfiles", "collect": "web", "waf": False},
    }
    (folder / "app.yaml").write_text(json.dumps(app))
    return Project(folder=folder)


def send(visitor: Visitor, origin: str, path: str, page: str, **fields: str) -> Answer:
    """Fill in the form of a page and send it as a browser does."""
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))
    body = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
    return visitor.ask(path, "POST", body, Content_Type="application/x-www-form-urlencoded", Origin=origin)


def test_settings_without_a_static_root_are_one_clear_message(tutorial: Path) -> None:
    done = described(tutorial, "http", "wsgi").run("local", "--detach")
    assert done.returncode in {1, 2}
    assert "Django's settings have no STATIC_ROOT to collect static files into" in done.stderr
    assert "Add STATIC_ROOT = BASE_DIR / 'staticfiles' to the settings" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("kind", "interface"), [("rest", "wsgi"), ("http", "asgi")])
def test_the_polls_are_migrated_voted_in_and_administered_from_the_registry(
    tutorial: Path, kind: str, interface: str
) -> None:
    settings = tutorial / "mysite/settings.py"
    if "STATIC_ROOT" not in settings.read_text():
        settings.write_text(settings.read_text() + "\nSTATIC_ROOT = BASE_DIR / 'staticfiles'\n")
    (tutorial / "db.sqlite3").unlink(missing_ok=True)
    project = described(tutorial, kind, interface)
    with local_run(project) as running:
        assert "Applying polls.0001_initial... OK" in running.output
        at, origin = ("--endpoint-url", running.emulator.endpoint_url), running.emulator.site_url
        user = ("createsuperuser", "--noinput", "--username", "ada", "--email", "a@example.com")
        assert "Superuser created" in project.build("run", "web", *at, "--", "python", "manage.py", *user)
        project.build("run", "web", *at, "--", "python", "manage.py", "shell", "-c", SEED)
        ada = running.visitor()
        page = ada.ask("/polls/1/").text
        assert ada.ask("/static/polls/style.css").text == "li a { color: green; }\n"
        assert send(ada, origin, "/polls/1/vote/", page, choice="1").headers["Location"] == "/polls/1/"
        assert "Sky: 1" in ada.ask("/polls/1/").text
        page = ada.ask("/admin/login/?next=/admin/").text
        styles = re.findall(r'href="(/static/admin/[^"]+\.css)"', page)
        assert [ada.ask(style).status for style in styles] == [200] * len(styles)
        assert len(styles) > 2
        answer = send(ada, origin, "/admin/login/", page, username="ada", password="pw", next="/admin/")
        assert (answer.status, answer.headers["Location"]) == (302, "/admin/")
        assert "What is new?" in ada.ask("/admin/polls/question/").text
        assert send(running.visitor(), "https://evil.example", "/polls/1/vote/", page, choice="1").status == 403
