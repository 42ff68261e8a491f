"""What people see who use the gateway of a finished run."""
