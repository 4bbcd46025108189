"""What columns and keys of tables of posts mean, in whatever file they stand."""
