"""The OAuth 2.0 client for MailUp."""
