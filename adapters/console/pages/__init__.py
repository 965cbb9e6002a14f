"""The pages: the same data as the API, as HTML that needs no script."""
