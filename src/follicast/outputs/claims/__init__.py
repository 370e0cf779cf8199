"""The ledger of claims on every output."""
