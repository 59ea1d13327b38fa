"""The Spark data source: its options, types and readers."""
