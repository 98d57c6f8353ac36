"""The Graph endpoints, under `/{version}/`."""
