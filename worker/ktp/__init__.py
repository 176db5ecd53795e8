"""What is known of the document: its labels, its layout, its legal values and the arithmetic of its number."""
