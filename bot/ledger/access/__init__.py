"""Who may log in to the console, and the security log."""
