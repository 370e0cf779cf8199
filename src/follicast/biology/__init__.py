"""The follicle model: plain numbers in, plain arrays out."""
