"""Seeded faults in the machinery of verdicts: what each must come out as, and the one guard that it hangs on."""
