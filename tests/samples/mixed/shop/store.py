import sqlite3
from dataclasses import dataclass


@dataclass
class Thing:
    name: str


@dataclass
class Item(Thing):
    price: float = 0.0


class Store:
    def __init__(self, path):
        self.connection = sqlite3.connect(path)

    def items(self):
        return [Item(*row) for row in self.connection.execute("select name, price from items")]
