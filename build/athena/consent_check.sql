-- Rows of people who did not consent: 0, unless somebody withdrew since the last run.
SELECT table_name, person_column, consent, row_count
FROM (
  SELECT 'customer_trusted' AS table_name, 'email' AS person_column, 'research' AS consent, count(*) AS row_count
  FROM "customer_trusted" AS t
  WHERE t."email" IS NOT NULL AND t."email" NOT IN (SELECT "email" FROM "customer_landing" WHERE "email" IS NOT NULL AND (NOT "customer_landing"."sharewithresearchasofdate" IS NULL))
  UNION ALL
  SELECT 'accelerometer_trusted' AS table_name, 'user' AS person_column, 'research' AS consent, count(*) AS row_count
  FROM "accelerometer_trusted" AS t
  WHERE t."user" IS NOT NULL AND t."user" NOT IN (SELECT "email" FROM "customer_landing" WHERE "email" IS NOT NULL AND (NOT "customer_landing"."sharewithresearchasofdate" IS NULL))
  UNION ALL
  SELECT 'customers_curated' AS table_name, 'email' AS person_column, 'research' AS consent, count(*) AS row_count
  FROM "customers_curated" AS t
  WHERE t."email" IS NOT NULL AND t."email" NOT IN (SELECT "email" FROM "customer_landing" WHERE "email" IS NOT NULL AND (NOT "customer_landing"."sharewithresearchasofdate" IS NULL))
  UNION ALL
  SELECT 'step_trainer_trusted' AS table_name, 'serialnumber' AS person_column, 'research' AS consent, count(*) AS row_count
  FROM "step_trainer_trusted" AS t
  WHERE t."serialnumber" IS NOT NULL AND t."serialnumber" NOT IN (SELECT "serialnumber" FROM "customer_landing" WHERE "serialnumber" IS NOT NULL AND (NOT "customer_landing"."sharewithresearchasofdate" IS NULL))
  UNION ALL
  SELECT 'machine_learning_curated' AS table_name, 'serialnumber' AS person_column, 'research' AS consent, count(*) AS row_count
  FROM "machine_learning_curated" AS t
  WHERE t."serialnumber" IS NOT NULL AND t."serialnumber" NOT IN (SELECT "serialnumber" FROM "customer_landing" WHERE "serialnumber" IS NOT NULL AND (NOT "customer_landing"."sharewithresearchasofdate" IS NULL))
) AS checks
ORDER BY table_name, person_column
