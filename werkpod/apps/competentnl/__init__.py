"""CompetentNL: occupations by the words people use, and the competences that they ask."""
