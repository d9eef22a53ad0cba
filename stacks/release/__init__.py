"""What goes out with the stacks of a stage: code to package, files to publish, and the parameters they give."""
