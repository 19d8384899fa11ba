from functools import lru_cache

from prices.rates import rate_of

_open = []


class Basket:
    """What a customer wants to buy."""

    limit = 5

    def __init__(self, country="de"):
        self.country = country
        self.items = {}
        _open.append(self)

    def add(self, name, price, count=1):
        if count <= 0:
            raise ValueError("count must be above 0")
        if len(self.items) >= self.limit:
            raise OverflowError("the basket is full")
        old_price, old_count = self.items.get(name, (price, 0))
        self.items[name] = (max(price, old_price), old_count + count)
        return self

    @property
    def net(self):
        return sum(price * count for price, count in self.items.values())

    def close(self):
        _open.remove(self)
        return len(_open)


def total(basket):
    return round(basket.net * (1 + rate_of(basket.country)), 2)


@lru_cache(maxsize=None)
def discount(count):
    if count > 100:
        return 0.2
    return 0.1 if count > 10 else 0.0
