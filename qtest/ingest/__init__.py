"""From a folder to a bundle of named bytes."""
