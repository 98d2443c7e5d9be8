"""Data that the shop is shipped with: see README.md beside this file."""
