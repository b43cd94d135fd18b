"""Compares what the SDK's models hold with what they declare: the SDK itself takes a number for a string."""

from typing import get_args


def mismatches(value, declared, path="") -> list[str]:
    """Where `value` is not of the declared type, such as `event.position: int, declared str`."""
    if value is None:
        return []
    if elements := get_args(declared):
        return [fault for i, each in enumerate(value) for fault in mismatches(each, elements[-1], f"{path}[{i}]")]
    if hasattr(declared, "_types"):
        members = declared._types.items()
        return [fault for name, kind in members for fault in mismatches(getattr(value, name), kind, f"{path}.{name}")]
    fits = isinstance(value, (int, float) if declared is float else declared) and (
        declared is bool or not isinstance(value, bool)
    )
    return [] if fits else [f"{path}: {type(value).__name__}, declared {declared.__name__}"]
