"""Django's PostgreSQL backend on the private server, which it starts or joins at the first connection."""
