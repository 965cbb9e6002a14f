"""What the console shows, one file each: read once, and served as JSON and as a page."""
