"""The register: what is funded, where it stands, how it fares."""
