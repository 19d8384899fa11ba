"""Repositories by git: nothing of theirs is run, and no login is kept."""
