"""Files of columns: text, CSV, JSON Lines, Excel, Parquet and standard input."""
