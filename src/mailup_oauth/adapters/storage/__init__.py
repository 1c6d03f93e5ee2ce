"""The Store port; one module a storage."""
