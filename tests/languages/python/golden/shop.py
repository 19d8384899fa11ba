"""A small shop with one of everything that a test can look at."""

import enum
import warnings


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Basket:
    def __init__(self, owner="x"):
        self.owner = owner
        self.items = []

    def add(self, name, count=1):
        if count < 1:
            raise ValueError(f"count must be positive, not {count}")
        self.items.append((name, count))
        return self

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        return self.items[k]

    def __setitem__(self, k, v):
        self.items[k] = v

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.items.append("left")

    @classmethod
    def of(cls, *names):
        b = cls()
        for n in names:
            b.add(n)
        return b


def clamp(value, low=0, high=10):
    return max(low, min(value, high))


def is_even(n):
    return n % 2 == 0


def shout(text):
    print(text.upper())


def old():
    warnings.warn("old is gone (soon)", DeprecationWarning)
    return 3


async def fetch(x):
    if x < 0:
        raise ValueError("negative")
    return x * 2


async def stream(n):
    for i in range(n):
        yield i


def count():
    i = 0
    while True:
        yield i
        i += 1


def third(x):
    return x / 3


def nanlist():
    return [1.0, float("nan")]


def find(text):
    return None if not text else text[0]


TABLE = {"a": 1}


def register(k, v):
    TABLE[k] = v
    return len(TABLE)


def save(path, text):
    path.write_text(text)
    return path.read_text()


def parse(text):
    raise ValueError("can't [parse] (this): {x} *" + text)


def match(x):
    return x
