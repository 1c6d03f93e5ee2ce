"""What the owner of a sandbox sees and says: switches as words, the state as rows, JSON and a page; all pure."""
