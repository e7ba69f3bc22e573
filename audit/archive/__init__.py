"""The archive of the audit stream: a folder of Parquet files and Merkle tiles, with a checkpoint over all."""
