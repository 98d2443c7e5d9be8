"""Rehearsal (预演): what a campaign will do to the members that there are, before it does it.

What the draft itself says wrongly is an error; what follows from today's members, stocks and budgets is a warning,
which somebody acknowledges before it is published; what is only good to know is a note.
"""
