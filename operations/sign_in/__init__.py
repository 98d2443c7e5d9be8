"""Signing in to the admin: passwords and codes, what the rules ask for, and how long a session lasts."""
