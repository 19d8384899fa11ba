"""How long reading takes: the system model of whole packages."""
