"""The security gate: rendered templates → three scanners and our own rules, with every suppression accounted for."""
