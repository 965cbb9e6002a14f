"""What a person decides about a held row or record: a correction, going on, or giving it up."""
