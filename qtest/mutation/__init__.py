"""Which mutants, judged by which tests, and what the results say."""
