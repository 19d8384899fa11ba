"""What Ray costs and gives: the same work with and without it."""
