"""The tracker: a public register of commitments, their statuses and the evidence for them."""
