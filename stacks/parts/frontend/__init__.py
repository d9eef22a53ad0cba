"""Pieces of the frontend stack: behaviours, headers, functions at the edge, domain, web ACL."""
