"""Communes, departments, regions and EPCI, with their official codes."""
