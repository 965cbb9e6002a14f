"""An embedded Twenty: the GraphQL subset we use, over real HTTP or in process."""
