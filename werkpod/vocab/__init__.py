"""What it means: the CV vocabulary and its shapes, and taxonomies of occupations and competences."""
