"""Helper library for the Sift voice server. No dependencies beyond the standard library."""

from .capability import GridspaceCapability
from .rest import Client, SiftError
from .webhooks import InvalidSignature, verify

__all__ = ['Client', 'GridspaceCapability', 'InvalidSignature', 'SiftError', 'verify']
