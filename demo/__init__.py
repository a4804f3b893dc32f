"""The demo: La Gramola (`demo.shop`, which knows nothing of Vitrina), its visitors, and the byte lens."""
