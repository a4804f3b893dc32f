"""One candidate a file. `bench.side_by_side.candidates` lists them."""
