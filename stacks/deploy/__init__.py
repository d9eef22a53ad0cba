"""From rendered templates to running stacks.

``plan`` says what is to be done (data), ``execute`` does it with a ``stacks.cloud.Cloud`` and reports to a ``watch``
callback (``stacks.progress``), ``destroy`` takes everything down again. Nothing here knows boto3: that is
``stacks.aws``.
"""
