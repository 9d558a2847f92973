"""The demonstration region: simulated cameras of a real workbook, plainly labelled."""
