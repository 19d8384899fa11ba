"""A workflow for GitHub Actions: the project's own tests with their coverage, and `qtest pr-check` on pull requests."""
