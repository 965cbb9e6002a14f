"""Reports out: sheets, Markdown and pages made of values handed in; every text in them is untrusted and escaped."""
