"""Pages of the site in place of errors, with the error's own status.

CloudFront knows such pages for a whole distribution only, and nothing at a behaviour can do it: a function at the
viewer's answer does not run for errors. So the API's own 404, as JSON, would become this page as well, and a
description with an API behind CloudFront is refused (``stacks.description.frontend_rules``).
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import cloudfront

if TYPE_CHECKING:
    from stacks.app import Stage


def error_pages(stage: Stage) -> list[cloudfront.CustomErrorResponse]:
    """One page for each error that the description names."""
    return [
        cloudfront.CustomErrorResponse(ErrorCode=int(code), ResponseCode=int(code), ResponsePagePath=page)
        for code, page in sorted(stage.frontend.errors.items())
    ]
