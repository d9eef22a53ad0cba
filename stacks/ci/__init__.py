"""CI services outside of AWS that deploy a stage: who they are to IAM, what their roles may do, and their workflows.

base.ci → claims of their tokens → trust of two roles; rendered stacks → what these roles may do
descriptions of several stages → a workflow for GitHub Actions, GitLab CI/CD or Bitbucket Pipelines
"""
