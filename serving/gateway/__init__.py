"""What an application calls: state, ranking, experiments and feedback."""
