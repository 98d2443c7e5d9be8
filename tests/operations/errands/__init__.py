"""An app of the tests alone, whose jobs have effects that can be counted."""
