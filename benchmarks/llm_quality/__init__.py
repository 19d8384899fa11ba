"""What a language model adds to the search, at equal tokens: for whoever has weights."""
