-- Rows of each source, and how many the reference data gives.
SELECT table_name, row_count, expected, row_count = expected AS as_expected
FROM (
  SELECT 1 AS place, 'customer_landing' AS table_name, count(*) AS row_count, CAST(956 AS BIGINT) AS expected
  FROM "customer_landing"
  UNION ALL
  SELECT 2 AS place, 'accelerometer_landing' AS table_name, count(*) AS row_count, CAST(81273 AS BIGINT) AS expected
  FROM "accelerometer_landing"
  UNION ALL
  SELECT 3 AS place, 'step_trainer_landing' AS table_name, count(*) AS row_count, CAST(28680 AS BIGINT) AS expected
  FROM "step_trainer_landing"
) AS counts
ORDER BY place
