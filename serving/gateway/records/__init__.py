"""The records that the gateway keeps: events, exposures, item facts."""
