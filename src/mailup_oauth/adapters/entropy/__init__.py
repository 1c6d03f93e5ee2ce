"""The Entropy port."""
