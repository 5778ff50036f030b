"""Whether a key made a signature: asked of `cryptography` where it is, else in plain Python."""

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    # The file that is handed over runs where nothing is installed.
    from consent_server.verify.ed25519 import verifies as signed_by
else:

    def signed_by(public: bytes, signature: bytes, text: bytes) -> bool:
        """Tell whether this key made this signature over this text."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


__all__ = ["signed_by"]
