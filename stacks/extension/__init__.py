"""What users add to the generated stacks: CloudFormation from the description, Python hooks, stacks of their own."""
