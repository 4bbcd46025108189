"""What visitors use: the page where they try the bots in their browser."""

from huggingtweets_hub.app.page.publishing import Page as Page
from huggingtweets_hub.app.page.publishing import publish_page as publish_page
from huggingtweets_hub.app.page.publishing import write_page as write_page
