"""A stage → pictures of it: what it deploys, what refers to what, and the way of a request."""
