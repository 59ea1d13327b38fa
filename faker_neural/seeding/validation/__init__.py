"""What a plan says that does not fit the database."""
