"""What policy withholds has no influence on what is seen.

Two graphs that differ only in what one person's grants withhold are asked the same requests through the whole gateway;
every response must be the same, byte for byte, and cost the same number of calls. ``python -m tests.noninterference``
searches for as long as it is told to.
"""
