"""An address becomes its published zone and school: public and read-only."""
