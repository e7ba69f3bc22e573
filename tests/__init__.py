"""The tests, and what they share: the judge, the generators and the guard proof."""
