"""What other libraries draw through, one short file each."""
