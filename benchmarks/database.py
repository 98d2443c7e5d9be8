"""The benchmark's own database, made anew for each run."""

import psycopg
from django.db import connection
from psycopg import sql


def create_empty() -> None:
    parameters = connection.get_connection_params()
    name = sql.Identifier(parameters["dbname"])
    plain = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    with psycopg.connect(**plain, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))


def settle() -> None:
    """Do at once what autovacuum would do meanwhile, so that it does not run beside what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
