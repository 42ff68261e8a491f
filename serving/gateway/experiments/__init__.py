"""A/B tests on the gateway's logs, and what the logs say of new policies."""
