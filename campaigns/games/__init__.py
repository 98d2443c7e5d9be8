"""What games are made of: rounds, the rules by which the server plays them again, signatures, what a score brings."""
