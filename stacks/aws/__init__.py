"""AWS through boto3: what fits the protocols of ``deploy`` and ``publishing``; only ``clients`` makes a client."""
