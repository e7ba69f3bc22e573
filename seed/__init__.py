"""The synthetic population and its cast."""
