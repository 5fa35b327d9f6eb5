"""The report as a Word file: templates that a clerk edits, filled."""
