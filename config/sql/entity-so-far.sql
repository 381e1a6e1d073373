-- What is known of an event's business object as a mail about it is written: its record in Salesforce, if one was
-- written already; whether such an event came before; and the status of the newest that came after it, if any did.
select
    (
        select known.reference
        from delivery known
        where known.target = 'salesforce'
          and known.entity = :?entityKind || '/' || :?entityKey
          and known.state = 'delivered'
          and known.reference is not null
        order by known.occurred_at desc, known.event_sequence desc
        limit 1
    ) as record,
    exists (
        select
        from event this
        join event earlier
          on earlier.entity_key = this.entity_key
         and earlier.entity_kind = this.entity_kind
         and earlier.sequence < this.sequence
        where this.id = :?eventId
          and earlier.type = this.type
    ) as again,
    (
        select newest.status
        from (
            select latest.occurred_at, latest.event_sequence
            from delivery latest
            where latest.target = 'salesforce'
              and latest.entity = :?entityKind || '/' || :?entityKey
              and latest.state in ('waiting', 'delivered')
            order by latest.occurred_at desc, latest.event_sequence desc
            limit 1
        ) as last
        join event newest on newest.sequence = last.event_sequence
        where (last.occurred_at, last.event_sequence) > (
            select this.occurred_at, this.sequence from event this where this.id = :?eventId
        )
          and newest.type = (select this.type from event this where this.id = :?eventId)
    ) as since
