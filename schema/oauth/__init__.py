"""OAuth 2.0 for partner apps: what apps ask, and the pages on which members consent (AP-4)."""
