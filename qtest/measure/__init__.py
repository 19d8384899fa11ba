"""What there is before anything is added."""
