"""Templates of other frameworks (SAM, Serverless Framework, chalice, plain CloudFormation) → our backend stack."""
