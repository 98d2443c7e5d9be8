"""What a quiz is made of: its questions, the sheet that a member works on, and how it is marked. Pure."""
