"""A/B tests and off-policy estimates from the gateway's logs."""
