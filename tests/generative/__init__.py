"""Random worlds, grants and operations, and the pipeline held against the judge on them."""
