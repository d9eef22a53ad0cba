"""A ``Publish`` step and its files → what its author should know of them: how pages are addressed, what has no effect.

Looks into the folders for hidden files; everything else is pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.progress import FileInert, SiteSeen
from stacks.publishing.routing import Router
from stacks.publishing.sites import built_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from stacks.publishing.sites import SiteFiles
    from stacks.publishing.step import Publish

_CSP = "Use frontend.csp for the Content-Security-Policy, and let the application set headers of its own pages"
_ROUTES = "Redirect in the application, or add a behavior with frontend.paths"
_DOMAIN = "Name the domain in frontend.domain"
_SETTINGS = "Set it in app.yaml instead"
_INERT = {
    "_headers": ("Netlify and Cloudflare Pages", _CSP),
    "_redirects": ("Netlify and Cloudflare Pages", _ROUTES),
    "_routes.json": ("Cloudflare Pages", _ROUTES),
    "_worker.js": ("Cloudflare Pages", "Make it a function of the backend"),
    ".htaccess": ("Apache", _ROUTES),
    ".htpasswd": ("Apache", "Use frontend.basic_auth"),
    "amplify.yml": ("AWS Amplify", _SETTINGS),
    "CNAME": ("GitHub Pages and surge", _DOMAIN),
    "customHttp.yml": ("AWS Amplify", _CSP),
    "firebase.json": ("Firebase", _SETTINGS),
    "netlify.toml": ("Netlify", _SETTINGS),
    "nginx.conf": ("nginx", _SETTINGS),
    "now.json": ("Vercel", _SETTINGS),
    "render.yaml": ("Render", _SETTINGS),
    "staticwebapp.config.json": ("Azure Static Web Apps", _SETTINGS),
    "vercel.json": ("Vercel", _SETTINGS),
    "web.config": ("IIS", _ROUTES),
    "wrangler.json": ("Cloudflare", _SETTINGS),
    "wrangler.jsonc": ("Cloudflare", _SETTINGS),
    "wrangler.toml": ("Cloudflare", _SETTINGS),
}
"""File → the hosts that read it, and what does its work here."""


def notes(step: Publish, keys: Collection[str]) -> Iterator[SiteSeen | FileInert]:
    """What to say of the sites of a step that publishes ``keys``."""
    if step.reach is None or step.routing is None:
        return
    forms = Router(sites=step.reach.sites, routing=step.routing).forms
    prefixes = sorted(forms)
    for prefix in prefixes:
        nested = tuple(item[1:] for item in prefixes if item != prefix and item.startswith(prefix))
        below = [key for key in keys if key.startswith(prefix[1:]) and not (nested and key.startswith(nested))]
        pages = sum(key.endswith(".html") for key in below)
        yield SiteSeen(prefix=prefix, form=forms[prefix], pages=pages, files=len(below))
    for site in step.folders:
        yield from _inert(site) if site.fallback else ()
    yield from _unused_pages(step, keys)
    yield from _replaced(step)


def _replaced(step: Publish) -> Iterator[FileInert]:
    """Files that a generated one replaces."""
    for site in step.folders:
        for file in step.generated:
            name = file.key.removeprefix(site.prefix)
            if site.fallback and f"{site.prefix}{name}" == file.key and (built_folder(site.folder) / name).is_file():
                what = "is replaced by the generated one, which says where the API and the user pool are"
                yield FileInert(key=file.key, what=what, fix="Rename the file if the site needs both")


def _inert(site: SiteFiles) -> Iterator[FileInert]:
    folder = built_folder(site.folder)
    for name, (hosts, instead) in _INERT.items():
        if (folder / name).is_file():
            yield FileInert(key=site.prefix + name, what=f"is a file for {hosts}, and has no effect here", fix=instead)


def _unused_pages(step: Publish, keys: Collection[str]) -> Iterator[FileInert]:
    """Pages for missing ones that the distribution cannot show."""
    for site in step.folders:
        key = f"{site.prefix}404.html"
        if site.fallback and key in keys and key != step.missing:
            other = f"and shows {step.missing}" if step.missing else "and the API behind it has errors of its own"
            what = "is not shown for missing pages: CloudFront has error pages for a whole distribution only, "
            fix = "Missing pages are answered with a plain 404" if not step.missing else "Set it in frontend.errors"
            yield FileInert(key=key, what=what + other, fix=fix)
