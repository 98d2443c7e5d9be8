"""What the API's reference page needs beside Django's own filters."""

from django import template

from config.api_reference import path_in_parts

register = template.Library()
register.filter(path_in_parts)
