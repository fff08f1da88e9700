"""The schema of pods.db: the directory of pods, resources and their sealed bodies."""
