"""A trained model in the forms that other clients take."""
