"""A folder → what application is in it, and the files that turn it into a project of this library."""
