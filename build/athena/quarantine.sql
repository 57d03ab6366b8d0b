-- Lines of raw data that became no rows, by reason.
SELECT source, reason, line_count, first_file
FROM (
  SELECT 'accelerometer_landing' AS source, reason, count(*) AS line_count, min(file) AS first_file
  FROM "accelerometer_landing_quarantine"
  GROUP BY reason
  UNION ALL
  SELECT 'customer_landing' AS source, reason, count(*) AS line_count, min(file) AS first_file
  FROM "customer_landing_quarantine"
  GROUP BY reason
  UNION ALL
  SELECT 'step_trainer_landing' AS source, reason, count(*) AS line_count, min(file) AS first_file
  FROM "step_trainer_landing_quarantine"
  GROUP BY reason
) AS bad_lines
ORDER BY source, line_count DESC, reason
