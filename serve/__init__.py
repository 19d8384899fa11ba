"""The router of language models: which tier and provider answers, what it costs, and how it is reached over HTTP."""
