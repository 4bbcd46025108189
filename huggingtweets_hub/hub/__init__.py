"""Everything that talks to the Hugging Face Hub, and checks what the token allows."""
