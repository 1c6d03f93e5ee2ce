"""What ``manage.py`` can do with connections."""
