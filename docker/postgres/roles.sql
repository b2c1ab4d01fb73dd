-- The roles of the store, when the database is made: cdb owns it and writes, cdb_reader only reads, for dashboards.
\set ON_ERROR_STOP on
\set store_password `cat /run/secrets/store_password`
\set reader_password `cat /run/secrets/reader_password`
CREATE ROLE cdb LOGIN PASSWORD :'store_password';
CREATE ROLE cdb_reader LOGIN PASSWORD :'reader_password' CONNECTION LIMIT 10;
ALTER ROLE cdb_reader SET default_transaction_read_only = on;
ALTER ROLE cdb_reader SET statement_timeout = '30s';
CREATE DATABASE cdb OWNER cdb;
\connect cdb
REVOKE ALL ON DATABASE cdb FROM PUBLIC;
GRANT CONNECT ON DATABASE cdb TO cdb_reader;
GRANT USAGE ON SCHEMA public TO cdb_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE cdb IN SCHEMA public GRANT SELECT ON TABLES TO cdb_reader;
