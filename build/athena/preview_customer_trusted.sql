-- Some rows of customer_trusted.
SELECT *
FROM "customer_trusted"
LIMIT 20
