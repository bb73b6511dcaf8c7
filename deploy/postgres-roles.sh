#!/bin/sh
# Runs once, when the postgres container makes its data: a role and databases for Overturn and for Temporal.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres \
  -v overturn_password="$OVERTURN_PASSWORD" -v temporal_password="$TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE overturn LOGIN CREATEROLE PASSWORD :'overturn_password';
CREATE DATABASE overturn OWNER overturn;
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
SQL
