"""The benchmark's own database, made anew for each run."""

import psycopg
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

# Whoever takes part is made last (`benchmarks.alone`).
_WHOLE = "SELECT count(*) = %s AND EXISTS (SELECT FROM campaigns_enrolment) FROM members_member"


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


def holds(members: int) -> bool:
    """Whether an earlier run of a benchmark by itself left a database with so many members, migrated as it is now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) = %s AND EXISTS (SELECT FROM campaigns_enrolment) FROM members_member", [members]
            )
            there = bool(cursor.fetchone()[0])
        return there and not MigrationExecutor(connection).migration_plan(
            MigrationExecutor(connection).loader.graph.leaf_nodes()
        )
    except DatabaseError:
        return False
    finally:
        connection.close()
