-- What is known of an event's business object as a mail about it is written: its record in Salesforce, if one was
-- written already, and whether such an event came before.
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
    ) as again
