"""The employer: a CV that somebody shares by link, and nothing else."""
