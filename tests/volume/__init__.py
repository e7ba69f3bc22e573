"""Archives as large as asked, made of real entries, and how long a question to one takes."""
