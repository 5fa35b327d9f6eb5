"""Editing the knowledge folder: drafts, checks, merging, signing, history."""
