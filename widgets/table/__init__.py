"""One table for every list: columns are described, cells are precomputed, one delegate paints them."""
