"""GitHub, github.com and Enterprise alike, through PyGithub."""
