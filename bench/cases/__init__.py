"""What is measured: this library and its peers, side by side."""

import warnings

warnings.simplefilter("ignore")  # peers announce what they will change
