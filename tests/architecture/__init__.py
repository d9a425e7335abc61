"""The rules of the house that no linter knows, and the documents that are made from the code."""
