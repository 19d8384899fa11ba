"""Search: no model, only the code itself."""
