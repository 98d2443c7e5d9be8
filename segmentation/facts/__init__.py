"""The facts that rules are asked of, as columns: read from the database, measured by numpy.

`tables` says which columns there are, `reading` fills them from PostgreSQL, `measures` works on them and is pure. The
same measures answer for everyone and for a few members; only who is read differs.
"""
