"""Rules in order; the first that answers wins."""
