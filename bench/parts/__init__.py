"""One module for each part of the bench: what is compared, against which goal, and how it becomes rows."""
