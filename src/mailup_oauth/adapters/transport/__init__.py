"""The Transport port: requests go out and come back as values, or do not come back."""
