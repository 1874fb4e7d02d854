"""Cases from the feed: who may be in, who is shut out, and what is kept of them."""
