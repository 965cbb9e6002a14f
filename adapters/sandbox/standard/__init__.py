"""What a new workspace's data model is made of."""

from adapters.sandbox.standard.building import standard_objects

__all__ = ["standard_objects"]
