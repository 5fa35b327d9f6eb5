"""Paper for walls and hands: a notice per village, a 明白纸 per entry; their content is plain data, their look is ``paper``."""
