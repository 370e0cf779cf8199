"""A person and a plan as a FHIR R4 Bundle, and a Bundle back into a person file."""
