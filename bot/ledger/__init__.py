"""Consultations: schema, store, counting rules."""
