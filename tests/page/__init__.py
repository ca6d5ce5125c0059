"""Stories of the member's page, in a real browser against the real server."""
