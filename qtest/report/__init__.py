"""What a run says: on the terminal, and as files."""
