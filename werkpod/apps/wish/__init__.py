"""Wensberoeper: a wished occupation and a CV in, what is still to learn out."""
