-- Rows that each commit changes need room for their next version, and far less than half a page of it:
-- versions that nobody sees any more make room again whenever the page is written.
ALTER TABLE heads SET (fillfactor = 70);
ALTER TABLE deliveries SET (fillfactor = 70);
