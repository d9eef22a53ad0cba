"""Pipelines that deploy a stage's stacks: from a push to a change set, by roles as narrow as what they deploy.

    description + rendered stacks → pipelines → build, pipeline and deploy role of each → resources of the base template

``pipeline`` says what goes where, ``local`` runs a rendered pipeline on this machine, the rest is pure. Buildspecs are
part of the template: who can push can change what is deployed, but not what deploys it.
"""
