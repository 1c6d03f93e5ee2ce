"""
What web applications mount: connecting, coming back, disconnecting and looking, the same in every framework.

The pure part (``visit``, ``flows``, ``pages``) knows no framework and touches nothing; a shell for each framework turns
its requests into visits and answers into its responses.
"""

from .visit import Who

__all__ = ["Who"]
