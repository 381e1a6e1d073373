-- How many mails of a kind an audience got lately, without looking at those of other kinds, nor at those that told
-- nothing new and were not sent: a sender may say again what all of its objects are.
drop index delivery_mail;
create index delivery_mail on delivery (audience, hashtextextended(parameters, 0), booked_at)
    where target = 'email' and digest is null and state <> 'superseded';
