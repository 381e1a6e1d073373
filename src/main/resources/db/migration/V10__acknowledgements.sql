-- An acknowledgement ends when something fails anew, however old the other dead letters are.
comment on table acknowledgement is
    'Who sees to the dead letters of a cause. It counts until one of them failed after it: that is news.';
