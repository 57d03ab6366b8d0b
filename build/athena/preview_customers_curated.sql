-- Some rows of customers_curated.
SELECT *
FROM "customers_curated"
LIMIT 20
