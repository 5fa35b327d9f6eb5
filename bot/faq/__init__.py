"""FAQ entries: read, check, and the current snapshot with hot reload."""
