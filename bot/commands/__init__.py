"""The commands of ``python -m bot``, one function each; ``bot/__main__.py`` names their arguments."""
