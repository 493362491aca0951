"""Gates: what the project promises about itself, read off its files, its manifest and its compiled SQL."""
