"""The phone etiquette auditor: recorded service calls in, a verdict for every audible clause out."""

__version__ = "0.1.0"
