"""What goes over the wire and what comes back, as values; nothing here sends anything."""
