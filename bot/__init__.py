"""The core of the bot: no web framework, no WeChat library; time and settings come in as arguments."""
