"""Acknowledged rows per second: the ledger itself, and through its owner on Ray."""
