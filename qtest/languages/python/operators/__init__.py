"""The mutation operators, each giving edits for one node.

The table is our own and not mutmut's, because edits here are spans of the exact text, at import time and in decorated code too; that each
mutant of mutmut's table is here, or a harder one in its place, is tested against mutmut itself. An operator whose every killer also kills
another one's mutant is left out: it would cost a run and ask for no test.
"""
