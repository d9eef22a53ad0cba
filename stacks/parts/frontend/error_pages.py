"""Pages of the site in place of errors, with the error's own status.

CloudFront knows such pages for a whole distribution only, and nothing at a behaviour can do it: a function at the
viewer's answer does not run for errors. So the API's own 404, as JSON, would become this page as well, and a
description with an API behind CloudFront is refused (``stacks.description.frontend_rules``).
A site without an API behind it has its 404.html for what is missing; where it publishes none, CloudFront passes on the
404 that it got for the page itself.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import cloudfront

from stacks.parts.frontend.behaviors import has_api

if TYPE_CHECKING:
    from stacks.app import Stage


_MISSING = "404"


def pages_of_errors(stage: Stage) -> dict[str, str]:
    """Status → path of the page that is shown for it."""
    prefixes = sorted(site.prefix for site in stage.frontend.site)  # that of / is the first
    own = {_MISSING: f"{prefixes[0]}404.html"} if prefixes and not has_api(stage) else {}
    return {**own, **stage.frontend.errors}


def error_pages(stage: Stage) -> list[cloudfront.CustomErrorResponse]:
    """The pages as the distribution has them."""
    return [
        cloudfront.CustomErrorResponse(ErrorCode=int(code), ResponseCode=int(code), ResponsePagePath=page)
        for code, page in sorted(pages_of_errors(stage).items())
    ]
