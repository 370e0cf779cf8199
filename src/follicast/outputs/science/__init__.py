"""The pages of docs/science, made from code, knowledge, a calibration and a replay of the shipped trials."""
