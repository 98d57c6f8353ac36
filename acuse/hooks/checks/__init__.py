"""What Acuse looks at to say whether it works: one list, for `acuse doctor`, the page and the history."""
