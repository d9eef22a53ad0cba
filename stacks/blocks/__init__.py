"""Building blocks for templates of your own: secure defaults, plain values in, troposphere objects out.

Each function returns one resource, or a tuple of those that belong together, for ``template.add_resource``. Names, ARNs
and tags are plain values or CloudFormation functions; nothing here needs an ``App``. The generated stacks use the same
blocks. ``from stacks import private_bucket, queue, table …`` imports them.

    def template(app, stage):
        made = Template()
        made.add_resource(list(queue("Jobs", tags={"app": app.name})))
        return made

These names are public: their arguments change incompatibly only with a new major version (see CONTRIBUTING.md).
"""
