"""The arrays of a file, each assigned to its weight."""
