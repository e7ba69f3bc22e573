"""No reader sees a protected value under an older class, while children are shielded, moved and un-shielded.

``python -m tests.races`` runs writers and readers side by side for as many transitions as it is told to.
"""
