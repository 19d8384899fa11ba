"""Servers of these tests' own that speak what the clouds speak, byte for byte, and everything that goes wrong with them."""
