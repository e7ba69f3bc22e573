"""The GraphQL types of the directory and the catalogue derived from them."""
