"""What partners earn: programmes, ledgers, accounts, and the facts behind every cent."""
