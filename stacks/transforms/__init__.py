"""Templates with a transform → what CloudFormation makes of them, found offline."""
