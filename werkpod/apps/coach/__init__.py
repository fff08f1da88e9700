"""The coach: who shares with them, what they share, plans that come in, suggestions back."""
