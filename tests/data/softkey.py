"""A passkey in software: makes a credential and signs challenges as an authenticator with a PIN does."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

_PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class SoftKey:
    def __init__(self, origin: str = "http://localhost", rp_id: str = "localhost") -> None:
        self.origin = origin
        self.rp_hash = hashlib.sha256(rp_id.encode()).digest()
        self.credential_id = os.urandom(16)
        self.flags = _PRESENT_AND_VERIFIED
        self.uses = 0
        self._private = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        public = ES256.from_cryptography_key(self._private.public_key())  # type: ignore[no-untyped-call]
        data = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        auth = AuthenticatorData.create(self.rp_hash, self.flags | AuthenticatorData.FLAG.AT, 0, data)
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", options["challenge"]),
            attestationObject=AttestationObject.create("none", auth, {}),
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        self.uses += 1
        auth = AuthenticatorData.create(self.rp_hash, self.flags, self.uses)
        client = self._client_data("webauthn.get", options["challenge"])
        signature = self._private.sign(auth + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=auth, signature=signature)

    def _client_data(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(challenge), self.origin)

    def _answer(self, **response: bytes) -> dict[str, Any]:
        named = websafe_encode(self.credential_id)
        told = {name: websafe_encode(value) for name, value in response.items()}
        return {"id": named, "rawId": named, "type": "public-key", "response": told, "clientExtensionResults": {}}
