"""The arrays of a file, each assigned to the weight it belongs to."""
