"""Matchberoeper: a CV in, occupations with comparable competences out."""
