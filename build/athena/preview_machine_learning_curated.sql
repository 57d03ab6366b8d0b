-- Some rows of machine_learning_curated.
SELECT *
FROM "machine_learning_curated"
LIMIT 20
