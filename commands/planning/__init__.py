"""plan: what is seen of the exports, what is proposed from it, what Twenty has already, and the file it all goes to."""
