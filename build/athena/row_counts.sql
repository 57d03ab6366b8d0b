-- Rows of each table, and how many the reference data gives.
SELECT table_name, row_count, expected, row_count = expected AS as_expected
FROM (
  SELECT 1 AS place, 'customer_trusted' AS table_name, count(*) AS row_count, CAST(482 AS BIGINT) AS expected
  FROM "customer_trusted"
  UNION ALL
  SELECT 2 AS place, 'accelerometer_trusted' AS table_name, count(*) AS row_count, CAST(40981 AS BIGINT) AS expected
  FROM "accelerometer_trusted"
  UNION ALL
  SELECT 3 AS place, 'customers_curated' AS table_name, count(*) AS row_count, CAST(482 AS BIGINT) AS expected
  FROM "customers_curated"
  UNION ALL
  SELECT 4 AS place, 'step_trainer_trusted' AS table_name, count(*) AS row_count, CAST(14460 AS BIGINT) AS expected
  FROM "step_trainer_trusted"
  UNION ALL
  SELECT 5 AS place, 'machine_learning_curated' AS table_name, count(*) AS row_count, CAST(43681 AS BIGINT) AS expected
  FROM "machine_learning_curated"
) AS counts
ORDER BY place
