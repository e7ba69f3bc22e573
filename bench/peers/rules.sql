-- After the rows: indexes, functions that PostGraphile shows as fields, and who may see what.
set search_path to directory;
create index on care (carer_id);
create index on involvement (child_id);
create index on involvement (service_id);
create index on involvement (practitioner_id);
create index on service (organisation_id);
create index on child (authority_id);

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
-- Whether a child is shielded or shares a carer with one who is; and whether a carer cares for such a child. They look
-- past the rules, which would otherwise ask for themselves without an end.
create function hides_child(child_id uuid) returns boolean stable security definer cost 100000 language sql as $$
  select exists (select from directory.child z where z.id = $1 and z.shielded) or exists (
    select from directory.care a join directory.care b on b.carer_id = a.carer_id
    join directory.child z on z.id = b.child_id where a.child_id = $1 and z.shielded
  )
$$;
create function hides_carer(carer_id uuid) returns boolean stable security definer cost 100000 language sql as $$
  select exists (
    select from directory.care a join directory.care b on b.child_id = a.child_id
    join directory.care c on c.carer_id = b.carer_id
    join directory.child z on z.id = c.child_id where a.carer_id = $1 and z.shielded
  )
$$;
comment on function is_social_worker is E'@behavior -*';
comment on function hides_child is E'@behavior -*';
comment on function hides_carer is E'@behavior -*';
grant select on all tables in schema directory to reader;
alter table child enable row level security;
alter table carer enable row level security;
alter table care enable row level security;
alter table involvement enable row level security;
create policy seen on child for select to reader using ((select is_social_worker()) and not hides_child(id));
create policy seen on carer for select to reader using ((select is_social_worker()) and not hides_carer(id));
create policy seen on care for select to reader using ((select is_social_worker()));
create policy seen on involvement for select to reader using (
  (kind in ('UNIVERSAL', 'ADDITIONAL') and not hides_child(child_id))
  or practitioner_id = (select nullif(current_setting('jwt.claims.practitioner', true), '')::uuid)
);
vacuum analyze;
