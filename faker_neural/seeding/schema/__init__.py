"""What the tables of a database ask for, read from the database."""
