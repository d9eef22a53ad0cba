"""A Django project's settings, adapted to where it runs; ``stacks_django.py`` in a zip. Runs inside Lambda.

Only what ``startproject`` leaves at its default is changed, so that an unchanged project answers.
"""

from __future__ import annotations

import os
import sys


def adapt() -> None:
    """Set what the project left open; nothing without Django.

    ``ALLOWED_HOSTS``: API Gateway and function URLs answer for their own host only, and ``stacks_web`` believes a
    viewer's host only with proof, so any host that arrives is right. ``STATIC_URL``: the CDN's, where files are served
    from a domain of their own (``CDN_DOMAIN``).
    """
    conf = sys.modules.get("django.conf")
    if conf is None or not conf.settings.configured:
        return
    settings, domain = conf.settings, os.environ.get("CDN_DOMAIN")
    if not settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS = ["*"]
    if domain and settings.STATIC_URL in {"static/", "/static/"}:
        settings.STATIC_URL = f"https://{domain}/static/"
