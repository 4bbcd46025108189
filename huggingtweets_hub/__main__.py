"""`python -m huggingtweets_hub`."""

from huggingtweets_hub.cli import main

if __name__ == "__main__":
    main()
