"""Generated tests of QTest beside those of Pynguin, judged by mutants that neither of them made."""
