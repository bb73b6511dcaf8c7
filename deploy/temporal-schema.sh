#!/bin/sh
# Brings Temporal's two databases to the schema of its version; running it again changes nothing.
set -eu

for store in temporal visibility; do
  database=temporal
  [ "$store" = visibility ] && database=temporal_visibility
  tool="temporal-sql-tool --plugin postgres12 --ep postgres -p 5432 -u temporal --db $database"
  $tool setup-schema -v 0.0 2>/dev/null || true
  $tool update-schema --schema-name "postgresql/v12/$store"
done
