"""Static files: folders → objects of a release → the bucket, in an order in which no page misses what it refers to."""
