"""From rendered templates to running stacks and published files.

``plan`` says what is to be done (data), ``execute`` does it with a ``cloud.Cloud`` and tells a
``watch`` callback about it (``progress``), ``publish`` brings the static files up, ``destroy`` takes
everything down again. ``aws`` is the only module that knows boto3.
"""
