"""Plugins of the Serverless Framework → what of app.yaml does the same, or what is left to do. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from stacks.json_types import at
from stacks.migrating.located import Map, Place, entries, items, plain
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.provider import Custom
    from stacks.migrating.service import Service

_DOES = {
    "serverless-python-requirements": "requirements.txt next to the code is installed into each package",
    "serverless-wsgi": "Flask and Django are called by a generated handler: 'wsgi'",
    "serverless-offline": "'stacks local' runs the whole application on this machine",
    "serverless-offline-python": "'stacks local' runs the whole application on this machine",
    "serverless-plugin-offline-dynamodb-stream": "'stacks local' has streams",
    "serverless-offline-sqs": "'stacks local' has queues",
    "serverless-offline-sns": "'stacks local' has topics",
    "serverless-dynamodb-local": "'stacks local' has the tables",
    "serverless-dynamodb": "'stacks local' has the tables",
    "serverless-s3-local": "'stacks local' has the buckets",
    "serverless-localstack": "'stacks local' runs the whole application on this machine",
    "serverless-dotenv-plugin": ".env next to app.yaml is read: ${env:NAME}",
    "serverless-export-env": ".env next to app.yaml is read: ${env:NAME}",
    "serverless-prune-plugin": "functions have no versions that pile up",
    "serverless-prune-versions": "functions have no versions that pile up",
    "serverless-pseudo-parameters": "${AWS::AccountId} and the like work everywhere",
    "serverless-deployment-bucket": "the base stack has the bucket for code",
    "serverless-iam-roles-per-function": "every function has a role of its own",
    "serverless-plugin-split-stacks": "'stacks' under 'backend' spreads functions over stacks",
    "serverless-plugin-conditional-functions": "functions are described in the stages that have them",
    "serverless-plugin-tracing": "'tracing: true' at a function",
    "serverless-domain-manager": "'domain' under 'backend.api'",
    "serverless-s3-sync": "'site' under 'frontend' is published with each deployment",
    "serverless-finch": "'site' under 'frontend' is published with each deployment",
    "serverless-better-credentials": "credentials come from the AWS CLI's profiles",
    "serverless-sso": "credentials come from the AWS CLI's profiles",
    "serverless-stage-manager": "stages are under 'stages'",
    "serverless-plugin-log-retention": "'log_retention_days' holds for every log group",
    "serverless-stack-output": "'stacks outputs' prints them",
    "serverless-apigw-binary": "every type may be binary",
    "serverless-apigateway-binary": "every type may be binary",
    "serverless-api-compression": "CloudFront compresses answers",
    "serverless-hooks-plugin": "run commands around 'deploy' yourself",
    "serverless-plugin-common-excludes": "packages hold what 'only' names",
    "serverless-package-python-functions": "every function is packaged by itself",
    "serverless-webpack": "Python needs no bundling",
    "serverless-esbuild": "Python needs no bundling",
    "serverless-plugin-typescript": "Python needs no bundling",
    "serverless-pydeps": "packages hold what 'only' names",
    "serverless-plugin-include-dependencies": "packages hold what 'only' names",
    "serverless-plugin-git-variables": "values of Git are written out",
    "serverless-scriptable-plugin": "run commands around 'deploy' yourself",
    "serverless-plugin-scripts": "run commands around 'deploy' yourself",
    "serverless-plugin-resource-tagging": "'tags' at the top are put on every resource",
    "serverless-plugin-aws-exponential-backoff": "retries are the SDK's",
}
"""Plugins that need nothing more → what does the same here."""
_TODO = {
    "serverless-plugin-warmup": "Use 'provisioned_concurrency' or 'snap_start' at a function",
    "serverless-plugin-aws-alerts": "Use 'alarms' at the top",
    "serverless-plugin-lambda-insights": "Use 'tracing: true', or name the layer of Lambda Insights under 'layers'",
    "serverless-associate-waf": "Use 'waf' under 'frontend', which also closes the API to requests that bypass it",
    "serverless-api-gateway-throttling": "Use 'rate' and 'burst' under 'backend.api'",
    "serverless-api-gateway-caching": "Answers are cached by CloudFront where they say so: set Cache-Control",
    "serverless-step-functions": "Write the state machines under 'backend.resources'",
    "serverless-lift": "Write what each construct makes: queues, buckets, 'frontend.site'",
    "serverless-appsync-plugin": "Write the API under 'backend.resources'",
    "serverless-appsync-simulator": "Write the API under 'backend.resources'",
    "serverless-plugin-canary-deployments": "Use 'gradual' at a function",
    "serverless-plugin-lambda-dead-letter": "Functions with events keep what fails: 'dead_letters'",
    "serverless-kms-secrets": "Put them under 'backend.secrets'",
    "serverless-secrets-plugin": "Put them under 'backend.secrets'",
    "serverless-reqvalidator-plugin": "Use 'body' at a function, a JSON Schema of request bodies",
    "serverless-aws-documentation": "Use 'body' at a function for schemas; documentation is not published",
    "serverless-openapi-documentation": "Use 'body' at a function for schemas; documentation is not published",
    "serverless-apigateway-service-proxy": "Let functions answer, or write methods under 'backend.resources'",
    "serverless-cloudfront-plugin": "Describe the site under 'frontend'",
    "serverless-single-page-app-plugin": "Describe the site under 'frontend'",
    "serverless-plugin-datadog": "Name its layers under 'layers', and its handler as 'handler'",
    "serverless-sentry": "Initialize the Sentry SDK in the code",
    "serverless-newrelic-lambda-layers": "Name its layers under 'layers', and its handler as 'handler'",
    "serverless-vpc-plugin": "Use 'base.vpc', and 'vpc: true' at a function",
    "serverless-plugin-vpc-eni-cleanup": "Nothing is needed for networks of 'base.vpc'",
    "serverless-plugin-custom-domain": "Use 'domain' under 'backend.api'",
    "serverless-plugin-monorepo": "Name folders as 'source' of each function",
    "serverless-compose": "Describe services that belong together in one app.yaml",
    "serverless-layers": "Use 'shared_requirements'",
    "serverless-google-cloudfunctions": "Describe its functions for AWS by hand",
}
"""Plugins whose work is left → what to do."""
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9A-Za-z-]+")


class ApiKind(NamedTuple):
    """Which API a route is of: ``http`` (REST) or ``httpApi``."""

    kind: str
    place: Place


@dataclass(slots=True)
class Plugins:
    """What plugins mean for functions."""

    names: set[str] = field(default_factory=set)
    application: str = ""
    """The WSGI application that serverless-wsgi serves, as ``app.app``."""
    kinds: list[ApiKind] = field(default_factory=list)
    """Of every route that was read."""
    buckets: dict[str, str] = field(default_factory=dict)
    """``provider.s3``: names of buckets by their keys."""

    def bucket(self, key: str) -> str | None:
        """The name of a bucket that ``provider.s3`` describes."""
        return self.buckets.get(key)


def used_plugins(raw: object, custom: Custom, service: Service, obstacles: Obstacles) -> Plugins:
    """The plugins of a service; their settings under ``custom`` go to the service."""
    plugins = Plugins()
    listed = raw.get("modules") if isinstance(raw, Map) else raw
    for name, place in items(listed, service.place):
        if isinstance(name, Unknown) or not isinstance(name, str):
            shown = name.text if isinstance(name, Unknown) else plain(name)
            obstacles.lost(place, "plugins", f"{shown} is unknown", "Look up what it does")
            continue
        plugins.names.add(name)
        if name in _DOES:
            obstacles.note(place, f"plugin {name}", f"is not needed: {_DOES[name]}", "Nothing to do")
        elif name in _TODO:
            obstacles.lost(place, f"plugin {name}", "is not carried over", _TODO[name])
        else:
            fix = "Look up what it adds to the service, and write that into app.yaml"
            obstacles.lost(place, f"plugin {name}", "is unknown, and what it does is not carried over", fix)
    wsgi, _ = custom.get("wsgi")
    if isinstance(wsgi, Map) and isinstance(wsgi.get("app"), str):
        plugins.application = wsgi["app"]
    _requirements(custom, obstacles)
    _domains(custom, service, obstacles)
    _site(custom, service)
    return plugins


def _requirements(custom: Custom, obstacles: Obstacles) -> None:
    settings, _ = custom.get("pythonRequirements")
    if not isinstance(settings, Map):
        return
    for key, value, place in entries(settings):
        if key == "fileName" and isinstance(value, str) and value != "requirements.txt":
            fix = f"Rename it to requirements.txt, or write 'shared_requirements: {value}' under 'backend'"
            obstacles.changed(place, "pythonRequirements.fileName", f"is {value}", fix)
        elif key == "noDeploy" and value:
            obstacles.changed(
                place,
                "pythonRequirements.noDeploy",
                "is not carried over",
                "Take what is not needed out of the requirements",
            )
        elif key == "dockerFile" or (key == "dockerImage" and value):
            what = "packages are built in a container; here wheels for Lambda are installed, without a build"
            obstacles.changed(place, f"pythonRequirements.{key}", what, "Name packages that have wheels for Linux")


def _domains(custom: Custom, service: Service, obstacles: Obstacles) -> None:
    many, _ = custom.get("customDomains")
    entry, place = custom.get("customDomain")
    listed = [(entry, place)] if entry is not None else []
    listed += [(_inner(item), item_place) for item, item_place in items(many, place)]
    for settings, settings_place in listed:
        if not isinstance(settings, Map):
            continue
        name = settings.get("domainName", settings.get("name"))
        if str(settings.get("enabled", True)).lower() == "false" or not isinstance(name, str):
            obstacles.lost(
                settings_place, "customDomain", "has no name that is known here", "Write 'domain' under 'backend.api'"
            )
            continue
        _domain(name, settings, service, obstacles)


def _inner(item: object) -> Any:
    """The settings in ``{rest: {…}}``, which says for which API they are."""
    inner = next(iter(item.values())) if isinstance(item, Map) and len(item) == 1 else None
    return inner if isinstance(inner, Map) else item


def _domain(name: str, settings: Map, service: Service, obstacles: Obstacles) -> None:
    arn, zone, base = settings.get("certificateArn"), settings.get("hostedZoneId"), settings.get("basePath")
    here = settings.at("domainName")
    result: JsonDict = {"name": name}
    if isinstance(arn, str) and _CERTIFICATE.fullmatch(arn):
        result["certificate"] = arn
    if isinstance(zone, str) and re.fullmatch(r"Z[A-Z0-9]{5,31}", zone):
        result["zone"] = zone
    if isinstance(base, str) and base not in {"", "(none)"}:
        result["base_path"] = base
    if "domain" in service.api:
        what = f"{name} is a second domain, and the API has one"
        obstacles.lost(here, "customDomain", what, "Choose one of them")
    elif not {"zone", "certificate"} & set(result):
        fix = f"Write 'domain: {{name: {name}, zone: Z…}}' under 'backend.api', with the id of its hosted zone"
        what = f"{name} is not carried over: its hosted zone or certificate is not named"
        obstacles.lost(here, "customDomain", what, fix)
    else:
        service.api["domain"] = result
        if "EDGE" in {str(settings.get(key, "")).upper() for key in ("endpoint", "endpointType")}:
            service.api["endpoint"] = "edge"
        fix = "Delete the old one before this is deployed: a domain has one API. See docs/migrating.md"
        obstacles.changed(here, "customDomain", f"{name} becomes the API's domain", fix)


def _site(custom: Custom, service: Service) -> None:
    sync, place = custom.get("s3Sync")
    buckets = sync.get("buckets", sync) if isinstance(sync, Map) else sync
    for entry, _ in items(buckets, place):
        folder = at(entry, "localDir")
        if isinstance(folder, str):
            service.site_folder = service.site_folder or folder.removeprefix("./").strip("/")
    finch, _ = custom.get("client")
    folder = at(finch, "distributionFolder")
    if isinstance(folder, str):
        service.site_folder = service.site_folder or folder.removeprefix("./").strip("/")
