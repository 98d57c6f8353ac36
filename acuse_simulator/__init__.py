"""A stand-in for Meta's WhatsApp platform and for the customer's phone; shares no code with `acuse`."""
