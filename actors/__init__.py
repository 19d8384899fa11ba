"""The house on Ray: one pool of actors for each stage, tasks for search and mutation, a supervisor and a ledger that are rebuilt from disk."""
