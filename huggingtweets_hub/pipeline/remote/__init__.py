"""A publication on a machine rented from Hugging Face Jobs: posts are read here, the model is made there."""
