class ConfigurationError(Exception):
    """What is configured can't work. The text (Spanish) names the variable or folder, the reason and the way out."""
