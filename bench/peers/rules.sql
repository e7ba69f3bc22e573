-- After the rows: indexes, functions that PostGraphile shows as fields, and who may see what.
set search_path to directory;
create index on care (carer_id);
create index on involvement (child_id);
create index on involvement (service_id);
create index on involvement (practitioner_id);
create index on service (organisation_id);
create index on child (authority_id);

-- A shielded child and her family are marked in columns, as triggers would keep them: worked out in the rules, for each
-- row, an answer would take a second. Hidden are a child who is shielded or shares a carer with one who is, their
-- carers, all that links them, and all that says where they go.
alter table child add hidden boolean;
alter table carer add hidden boolean;
alter table care add hidden boolean;
alter table involvement add hidden boolean;
update child set hidden = shielded or id in (
  select a.child_id from care a join care b on b.carer_id = a.carer_id join child z on z.id = b.child_id where z.shielded
);
update carer set hidden = id in (select carer_id from care join child on child.id = child_id where child.hidden);
update care set hidden = (select hidden from child where id = child_id) or (select hidden from carer where id = carer_id);
update involvement set hidden = (select hidden from child where id = child_id);
comment on column child.hidden is E'@behavior -*';
comment on column carer.hidden is E'@behavior -*';
comment on column care.hidden is E'@behavior -*';
comment on column involvement.hidden is E'@behavior -*';

create function child_carers(c child) returns setof care stable language sql as $$
  select care.* from directory.care join directory.carer on carer.id = care.carer_id where care.child_id = c.id
  order by carer.family_name, carer.given_name, carer.id
$$;
create function child_open_involvements(c child) returns setof involvement stable language sql as $$
  select * from directory.involvement where child_id = c.id and (until is null or until > current_date)
  order by since desc, id
$$;
create function child_lead_professional(c child) returns practitioner stable language sql as $$
  select practitioner.* from directory.involvement join directory.practitioner on practitioner.id = practitioner_id
  where child_id = c.id and lead and (until is null or until > current_date) order by since desc, practitioner.id limit 1
$$;

create function is_social_worker() returns boolean stable language sql as $$
  select 'social-worker' = any (string_to_array(current_setting('jwt.claims.roles', true), ','))
$$;
comment on function is_social_worker is E'@behavior -*';
grant select on all tables in schema directory to reader;
alter table child enable row level security;
alter table carer enable row level security;
alter table care enable row level security;
alter table involvement enable row level security;
create policy seen on child for select to reader using ((select is_social_worker()) and not hidden);
create policy seen on carer for select to reader using ((select is_social_worker()) and not hidden);
create policy seen on care for select to reader using ((select is_social_worker()) and not hidden);
create policy seen on involvement for select to reader using (
  (kind in ('UNIVERSAL', 'ADDITIONAL') and not hidden)
  or practitioner_id = (select nullif(current_setting('jwt.claims.practitioner', true), '')::uuid)
);
vacuum analyze;
