from flask import Blueprint, Flask

from shop.store import Store

items = Blueprint("items", __name__, url_prefix="/items")


@items.route("/", methods=["GET", "POST"])
def all_items():
    return [item.name for item in Store("shop.db").items()]


def create_app():
    app = Flask(__name__)
    app.register_blueprint(items, url_prefix="/v1/items")
    app.add_url_rule("/health", view_func=health)
    return app


def health():
    return "ok"
