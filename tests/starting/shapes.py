"""Applications as people have them: the files of six shapes, small enough to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FLASK_FACTORY = {
    "flaskr/__init__.py": """\
import os
from flask import Flask

def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "dev"))
    from . import blog
    app.register_blueprint(blog.bp)
    return app
""",
    "flaskr/blog.py": """\
from flask import Blueprint, render_template
bp = Blueprint("blog", __name__)

@bp.route("/")
def index():
    return render_template("index.html")
""",
    "flaskr/templates/index.html": "<link rel=stylesheet href=\"{{ url_for('static', filename='style.css') }}\">A blog",
    "flaskr/static/style.css": "body { margin: 0 }",
    "pyproject.toml": '[project]\nname = "flaskr"\nversion = "1.0.0"\ndependencies = ["flask"]\n',
    "tests/conftest.py": "from flaskr import create_app\napp = create_app({'TESTING': True})\n",
}
FLASK_ROOT = {
    "flasky.py": """\
import os
from app import create_app
app = create_app(os.getenv("FLASK_CONFIG") or "default")
""",
    "config.py": "class Config:\n    TESTING = False\nconfig = {'default': Config}\n",
    "app/__init__.py": """\
from flask import Flask
from config import config

def create_app(config_name):
    app = Flask(__name__)
    app.config.from_object(config[config_name])
    from .main import main as main_blueprint
    app.register_blueprint(main_blueprint)
    return app
""",
    "app/main/__init__.py": "from flask import Blueprint\nmain = Blueprint('main', __name__)\nfrom . import views\n",
    "app/main/views.py": "from . import main\n@main.route('/')\ndef index():\n    return 'Flasky'\n",
    "requirements/common.txt": "flask\n",
    "requirements/dev.txt": "-r common.txt\npytest\n",
    "tests/test_basics.py": "from app import create_app\n",
    "README.md": "Flasky",
}
FASTAPI = {
    "app/__init__.py": "",
    "app/main.py": """\
from fastapi import FastAPI
from app.routers import items

app = FastAPI()
app.include_router(items.router)

@app.get("/")
async def root():
    return {"message": "Hello Bigger Applications!"}
""",
    "app/routers/__init__.py": "",
    "app/routers/items.py": """\
from fastapi import APIRouter
router = APIRouter(prefix="/items")

@router.get("/")
async def read_items():
    return [{"name": "Plumbus"}]
""",
    "requirements.txt": "fastapi\n",
}
DJANGO = {
    "manage.py": "import sys\nfrom django.core.management import execute_from_command_line\n",
    "mysite/__init__.py": "",
    "mysite/settings.py": """\
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "django-insecure-example"
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = ["polls.apps.PollsConfig", "django.contrib.staticfiles"]
ROOT_URLCONF = "mysite.urls"
WSGI_APPLICATION = "mysite.wsgi.application"
STATIC_URL = "static/"
""",
    "mysite/urls.py": """\
from django.urls import include, path
urlpatterns = [path("", include("polls.urls"))]
""",
    "mysite/wsgi.py": """\
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
application = get_wsgi_application()
""",
    "mysite/asgi.py": """\
import os
from django.core.asgi import get_asgi_application
application = get_asgi_application()
""",
    "polls/__init__.py": "",
    "polls/apps.py": "from django.apps import AppConfig\nclass PollsConfig(AppConfig):\n    name = 'polls'\n",
    "polls/urls.py": "from django.urls import path\nfrom . import views\nurlpatterns = [path('', views.index)]\n",
    "polls/views.py": """\
from django.http import HttpResponse
def index(request):
    return HttpResponse("Hello, world. You're at the polls index.")
""",
    "requirements.txt": "django>=5\n",
}
VITE_API = {
    "frontend/package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "^6"}}',
    "frontend/vite.config.js": "export default { server: { proxy: { '/api': 'http://localhost:5000' } } }\n",
    "frontend/index.html": "<script type=module src=/src/main.js></script>",
    "frontend/src/main.js": "fetch('/api/time')",
    "frontend/dist/index.html": "<!doctype html><title>Vite</title>",
    "frontend/dist/assets/index-4f2a9c1b.js": "fetch('/api/time')",
    "backend/api.py": """\
from flask import Flask
from clock import now
app = Flask(__name__)

@app.route("/api/time")
def time():
    return {"time": now()}
""",
    "backend/clock.py": "import time\ndef now():\n    return time.time()\n",
    "backend/requirements.txt": "flask\n",
}
FUNCTIONS = {
    "src/create_order/app.py": """\
import json
from helpers import answer

def lambda_handler(event, context):
    return answer({"id": 1})
""",
    "src/create_order/helpers.py": """\
import json
def answer(body):
    return {"statusCode": 200, "body": json.dumps(body)}
""",
    "src/on_upload/app.py": """\
def lambda_handler(event, context):
    for record in event["Records"]:
        print(record)
""",
    "README.md": "Orders",
}
SHAPES: dict[str, Mapping[str, str]] = {
    "flask-factory": FLASK_FACTORY,
    "flask-root": FLASK_ROOT,
    "fastapi": FASTAPI,
    "django": DJANGO,
    "vite-api": VITE_API,
    "functions": FUNCTIONS,
}


def written(shape: Mapping[str, str], folder: Path) -> Path:
    """The files of a shape, in ``folder``."""
    for path, text in shape.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
