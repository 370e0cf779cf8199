"""In and out: FHIR and CSV."""
