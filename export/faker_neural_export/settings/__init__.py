"""Every setting of what learns and converts, checked where it enters; the commands show them."""
