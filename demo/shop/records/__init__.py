"""The shop's stock, one module per genre; all artists, titles, tracks and labels are invented."""
