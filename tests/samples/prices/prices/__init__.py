from prices.rates import rate_of, table
from prices.basket import Basket, total

__all__ = ["Basket", "rate_of", "table", "total"]
