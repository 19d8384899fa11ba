"""Tokens of code hosts: where one is found, how it is kept encrypted, and how a person gets one."""
