import click

from shop.store import Store


@click.group()
def cli():
    pass


@cli.group()
def stock():
    pass


@stock.command("list")
def list_stock():
    for item in Store("shop.db").items():
        print(item)


if __name__ == "__main__":
    cli()
