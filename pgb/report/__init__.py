"""What is shown to people: terminal tables, statements in mathematical notation, JSON and pages. Decides nothing."""
