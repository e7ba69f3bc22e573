-- The population in tables, with the nearest to the directory's rules that row-level security comes to.
create role reader nologin;
create role server login;
grant reader to server;
create schema directory;
grant usage on schema directory to server, reader;
set search_path to directory;

create table organisation (
  id uuid primary key, name text, kind text, phone text, out_of_hours_phone text
);
create table service (
  id uuid primary key, name text, kind text, phone text, email text, out_of_hours_phone text,
  organisation_id uuid references organisation
);
create table practitioner (id uuid primary key, name text, role text, phone text, email text);
create table child (
  id uuid primary key, number text, given_name text, family_name text, date_of_birth date, gender text,
  address_lines text[], postcode text, address_state text, shielded boolean not null,
  authority_id uuid references organisation
);
create table carer (
  id uuid primary key, given_name text, family_name text, phone text, address_lines text[], postcode text,
  address_state text
);
create table care (
  carer_id uuid references carer, child_id uuid references child, relationship text, parental_responsibility boolean,
  primary key (child_id, carer_id)
);
create table involvement (
  id uuid primary key, kind text, since date, until date, lead boolean, child_id uuid references child,
  service_id uuid references service, practitioner_id uuid references practitioner
);
