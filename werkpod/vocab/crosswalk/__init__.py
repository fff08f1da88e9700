"""Codes of other classifications (UWV's BO&C, CompetentNL, VDAB's Competent) and the concepts that they match."""
