-- Keys and names are compared byte by byte, whatever language the database sorts by: nobody reads them in order, and
-- the rules of a language cost more than the rest of an insertion.
-- The indexes are built anew: some two minutes for 5 million events, while webhooks are told to come again.

alter table event
    alter column id type text collate "C",
    alter column sender type text collate "C",
    alter column type type text collate "C",
    alter column status type text collate "C",
    alter column entity_kind type text collate "C",
    alter column entity_key type text collate "C",
    alter column state type text collate "C";

alter table delivery
    alter column target type text collate "C",
    alter column audience type text collate "C",
    alter column type type text collate "C",
    alter column entity type text collate "C",
    alter column state type text collate "C",
    alter column digest type text collate "C",
    alter column cause_code type text collate "C";
