"""The Cipher and Marker ports, and the keys behind them."""
