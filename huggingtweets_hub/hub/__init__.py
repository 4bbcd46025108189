"""Everything that is said to the Hugging Face Hub, and whether it may be said."""
