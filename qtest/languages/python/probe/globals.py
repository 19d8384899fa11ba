"""Module-level values and caches of the target, as they were after its import."""


class Globals:
    """Module-level values as they were after the import; put back when a run has changed them.

    `clean` when the last run changed nothing; `filled` when a list or a set that was empty is so no more, which a memo does, but a
    register too; `disturbed` when it did more than fill a cache: a dict that only gained keys, or a name that was None until now."""

    def __init__(self, modules):
        self.kept = []
        self.clean, self.filled, self.disturbed = True, False, False
        for module in modules:
            names = {name: value for name, value in vars(module).items() if not name.startswith("__")}
            copies = [
                (value, type(value)(value))
                for value in names.values()
                if type(value) in (list, dict, set) and len(value) <= 2000
            ]
            self.kept.append((vars(module), names, copies))

    def restore(self):
        self.clean, self.filled, self.disturbed = True, False, False
        for space, names, copies in self.kept:
            for name, value in names.items():
                if space.get(name, self) is not value:
                    self.disturbed = self.disturbed or value is not None
                    space[name] = value
                    self.clean = False
            for value, copy in copies:
                if len(value) != len(copy) or value != copy:
                    self.clean = False
                    self.filled = self.filled or not copy
                    self.disturbed = self.disturbed or not (_only_gained(value, copy) or not copy)
                    value.clear()
                    value.extend(copy) if isinstance(value, list) else value.update(copy)

    def sizes(self):
        return [len(value) for _, _, copies in self.kept for value, _ in copies]


def _only_gained(value, copy):
    return isinstance(value, dict) and all(key in value and value[key] is copy[key] for key in copy)


def caches_of(modules):
    found = []
    for module in modules:
        for value in list(vars(module).values()):
            for thing in [value] + (list(vars(value).values()) if isinstance(value, type) else []):
                clear = getattr(thing, "cache_clear", None) if type(thing).__name__ == "_lru_cache_wrapper" else None
                if clear is not None:
                    found.append(clear)
    return found
