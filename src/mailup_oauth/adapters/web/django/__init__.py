"""
The reusable Django app: connections, journals and settings of a Django project, in the project's own database.

``INSTALLED_APPS`` names this package.  Nothing else of the library imports Django, and this page imports none of it before
it is needed.
"""

from .making import aoauth, oauth

__all__ = ["aoauth", "oauth"]
