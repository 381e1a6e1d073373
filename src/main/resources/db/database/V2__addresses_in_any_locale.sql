-- An address is found in whatever case it was written, also where the database's own locale has other lower-case letters,
-- as Turkish has of an I.
drop index quote_request_shopper_email;
create index quote_request_shopper_email on quote_request (lower(left(shopper_email, 320) collate "C"));
