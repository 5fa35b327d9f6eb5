"""A villager's question -> ranked entries -> answer, choose or miss."""
