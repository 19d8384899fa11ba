"""Libraries that let the outside in or reach out, by the name they are imported under; and the words they are spoken to with."""

from qtest.records.system import ServiceKind

COMMANDS = frozenset(("click", "typer", "argparse", "rich_click", "asyncclick"))
WEB = frozenset(("flask", "quart", "fastapi", "starlette", "flask_openapi3", "apiflask"))
SERVICES: dict[str, ServiceKind] = {
    **dict.fromkeys(("sqlite3", "psycopg", "psycopg2", "asyncpg", "aiosqlite", "pymysql", "MySQLdb"), "database"),
    **dict.fromkeys(("sqlalchemy", "flask_sqlalchemy", "sqlmodel", "django", "pymongo", "motor", "peewee"), "database"),
    **dict.fromkeys(("duckdb", "oracledb", "pyodbc", "elasticsearch", "databases", "mysql"), "database"),
    **dict.fromkeys(("requests", "httpx", "aiohttp", "urllib", "urllib3", "http", "websockets", "httplib2"), "http"),
    **dict.fromkeys(("redis", "memcache", "pymemcache", "pylibmc", "aioredis", "aiocache"), "cache"),
    **dict.fromkeys(("boto3", "aioboto3", "botocore", "google", "azure"), "cloud"),
    **dict.fromkeys(("smtplib", "aiosmtplib", "sendgrid"), "mail"),
    **dict.fromkeys(("celery", "pika", "kafka", "aiokafka", "confluent_kafka", "kombu", "rq", "dramatiq"), "queue"),
}
ENTITIES = frozenset(("pydantic", "attr", "attrs", "sqlmodel"))
LIBRARIES = COMMANDS | WEB | ENTITIES | SERVICES.keys()

_DATABASE = frozenset(
    (
        *("execute", "executemany", "executescript", "commit", "rollback", "connect", "fetchone", "fetchall", "scalar"),
        *(
            "fetchmany",
            "fetch",
            "fetchrow",
            "fetchval",
            "scalars",
            "add",
            "add_all",
            "delete",
            "merge",
            "flush",
            "query",
        ),
        *("refresh", "begin", "begin_nested", "bulk_save_objects", "bulk_insert_mappings", "get", "exec", "stream"),
        *("filter", "filter_by", "all", "first", "one", "one_or_none", "create", "get_or_create", "update_or_create"),
        *("update", "count", "exists", "bulk_create", "bulk_update", "exclude", "values", "values_list", "aggregate"),
        *("annotate", "order_by", "get_or_404", "first_or_404", "create_all", "drop_all", "insert_one", "insert_many"),
        *("find", "find_one", "update_one", "update_many", "delete_one", "delete_many", "index", "search", "bulk"),
        *("copy", "sql", "save", "select_related", "prefetch_related", "atomic", "paginate"),
    )
)
_HTTP = frozenset(
    (
        *("get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "urlopen"),
        *("urlretrieve", "getresponse", "ws_connect", "connect", "open"),
    )
)
_QUEUE = frozenset(
    (
        *("delay", "apply_async", "send_task", "basic_publish", "basic_consume", "basic_get", "start_consuming"),
        *("queue_declare", "send", "produce", "poll", "subscribe", "enqueue", "send_and_wait", "publish", "consume"),
        *("flush", "commit", "retry", "send_with_options"),
    )
)
_MAIL = frozenset(("sendmail", "send_message", "send_mail", "send_mass_mail", "login", "send", "connect"))
VERBS: dict[ServiceKind, frozenset[str]] = {
    "database": _DATABASE,
    "http": _HTTP,
    "queue": _QUEUE,
    "mail": _MAIL,
}
SPEAKING = frozenset(
    (
        *("route", "get", "post", "put", "patch", "delete", "head", "options", "trace", "websocket", "api_route"),
        *("add_url_rule", "add_api_route", "add_route", "register_blueprint", "include_router", "mount"),
        *("Blueprint", "APIRouter", "command", "group", "add_command", "add_typer", "Typer", "Group", "Command"),
        *("ArgumentParser", "add_parser", "set_defaults", "FlaskGroup", "APIBlueprint"),
    )
)
REGISTERING = SPEAKING | {"add_subparsers", "task"} | _DATABASE | _HTTP | _QUEUE | _MAIL
