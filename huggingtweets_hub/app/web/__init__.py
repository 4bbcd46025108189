"""The page of `huggingtweets app`; the only room that knows gradio."""
