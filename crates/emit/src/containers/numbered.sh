# One session from the lock to the end: a second run waits, and a lost session gives back the lock and the file
cd /migrations
{
  cat << 'SQL'
\set ON_ERROR_STOP on
\o /dev/null
SELECT pg_advisory_lock(hashtext('public.schema_migrations'));
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS public.schema_migrations (
  version text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);
RESET ALL;
SQL
  # Version order counts 10 after 9
  for file in $(find . -maxdepth 1 -name '*.sql' | sed 's|^\./||' | sort -V); do
    cat << SQL
\set file '$file'
SELECT NOT EXISTS (SELECT FROM public.schema_migrations WHERE version = :'file') AS pending \gset
\if :pending
\warn applying $file
BEGIN;
\i '$file'
RESET SESSION AUTHORIZATION;
RESET ALL;
INSERT INTO public.schema_migrations (version) VALUES (:'file');
COMMIT;
\endif
SQL
  done
} | psql --no-psqlrc --quiet
