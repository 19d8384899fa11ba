"""QTest: point it at a repository and it returns tests that are proven."""

__version__ = "0.1.0"
