-- A table without a primary key can't be updated once somebody publishes all tables, for an upgrade of PostgreSQL, say.
alter table drift_look add primary key (sequence);
