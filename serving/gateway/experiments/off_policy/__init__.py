"""What a new policy would achieve, told from logs of another."""
