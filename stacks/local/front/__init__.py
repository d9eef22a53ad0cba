"""MiniStack's public ASGI app behind two loopback ports, so that our templates deploy unchanged.

The emulator's own interpreter runs this package by itself, as ``front``. That interpreter has neither this library nor
its dependencies, so these modules import each other relatively, the standard library and PyYAML; MiniStack and
hypercorn only inside ``__main__``'s functions, so that tests of this library can import all of it. It uses the emulator
as any client does, through requests; none of MiniStack's private parts is touched.

    localize   template and unknown types → template, notices
    gate       who may reach either port: own pages, and clients with the keys of this run
    gateway    the AWS endpoint: CloudFormation calls adapted on their way in
    second     groups of two origins
    edge       the site: the newest distribution, and Cognito, on one origin
    signatures Signature Version 4, checked
    asgi       what they share
"""
