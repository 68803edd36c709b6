"""做不对: rules of procedure as data, judged from a ticket's history and what stands around it (T04, T09).

`rule` is what a policy says, `history` and `surroundings` what is looked at, `on_site` and `order` what each
rule asks, `judge` the whole of it, `warn` what the log has to say then, `ladder` how a warning climbs.
"""
